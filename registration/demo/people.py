"""Who takes part: persons with listed numbers, and what is said of them before and after (DOMAIN §3)."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Literal

from ..personnummer import Nummer, listed_numbers, parse
from ..rules.values import DEL, HEL, INGEN, Sysselsattning, forsorjning_text
from .chance import Deck, weighted
from .names import draw
from .world import Profil

Utfall = Literal["arbete", "studier", "bada", "sokande", "ovrigt", "saknas"]

AFTER: dict[str, dict[Utfall, int]] = {
    "K": {"arbete": 19, "studier": 9, "bada": 1, "sokande": 16, "saknas": 3, "ovrigt": 52},
    "M": {"arbete": 26, "studier": 10, "bada": 1, "sokande": 17, "saknas": 3, "ovrigt": 43},
}
"""Per hundred avslut. Published for 2018: 29 of 100 women and 37 of 100 men to work or studies."""
BEFORE: dict[Utfall, int] = {"arbete": 8, "studier": 4, "sokande": 22, "saknas": 2, "ovrigt": 64}

WOMEN = 55
"""Of a hundred deltagare."""

AGES: dict[Profil, dict[tuple[int, int], int]] = {
    "sjuk": {(20, 24): 6, (25, 29): 14, (30, 39): 42, (40, 49): 20, (50, 59): 11, (60, 64): 7},
    "ung": {(17, 19): 18, (20, 24): 50, (25, 29): 32},
    "arbetslos": {(20, 24): 13, (25, 29): 24, (30, 39): 37, (40, 49): 14, (50, 59): 8, (60, 64): 4},
}
"""Age in the year that is reported → weight. The list of test numbers is thin for those born in 1966–1985."""
PLENTY = (30, 39)
"""An age whose numbers do not run out."""

SOURCES: dict[Profil, dict[str, int]] = {
    "sjuk": {
        "sjukpenning": 44, "forsorjningsstod": 14, "rehabiliteringspenning": 6, "sjukersattning": 7,
        "arbetsloshetsersattning": 6, "aktivitetsstod": 9, "annan_offentlig": 2, INGEN: 12,
    },
    "ung": {
        "aktivitetsersattning": 34, "forsorjningsstod": 22, "utvecklingsersattning": 11, "studiestod": 5,
        "aktivitetsstod": 5, INGEN: 23,
    },
    "arbetslos": {
        "forsorjningsstod": 38, "aktivitetsstod": 23, "arbetsloshetsersattning": 13, "etableringsersattning": 10,
        "sjukpenning": 4, "annan_offentlig": 2, INGEN: 10,
    },
}  # fmt: skip
EDUCATION: dict[Profil, dict[str | None, int]] = {
    "sjuk": {
        "ej_grundskola": 5,
        "grundskola": 22,
        "gymnasium": 50,
        "eftergymnasial": 20,
        "okand": 1,
        None: 2,
    },
    "ung": {"ej_grundskola": 10, "grundskola": 52, "gymnasium": 34, "eftergymnasial": 1, "okand": 1, None: 2},
    "arbetslos": {
        "ej_grundskola": 21,
        "grundskola": 31,
        "gymnasium": 32,
        "eftergymnasial": 11,
        "okand": 3,
        None: 2,
    },
}
SENT_BY: dict[Profil, dict[str | None, int]] = {
    "sjuk": {"fk": 42, "region": 30, "af": 14, "kommun": 7, "egen": 4, "annan": 2, None: 1},
    "ung": {"fk": 20, "region": 14, "af": 22, "kommun": 34, "egen": 6, "annan": 3, None: 1},
    "arbetslos": {"af": 38, "kommun": 48, "fk": 4, "region": 3, "egen": 4, "annan": 2, None: 1},
}


@dataclass
class DemoPerson:
    """Somebody who does not exist. forbund, kommun: where the person lives and takes part."""

    nummer: Nummer
    fornamn: str
    efternamn: str
    forbund: str
    kommun: str
    utbildning: str | None
    insatser: list[str] = field(default_factory=list)


class Population:
    """Draws persons, each number once."""

    def __init__(self, rng: random.Random, *, reported: int, today: dt.date) -> None:
        self._rng = rng
        self._today = today
        self._pools = {
            (ages, kon): self._pool(reported, ages, kon)
            for ages in {ages for bands in AGES.values() for ages in bands}
            for kon in "KM"
        }

    def person(self, profil: Profil, *, forbund: str, kommun: str) -> DemoPerson:
        """Somebody new, of an age that fits the insats. Raises IndexError when the list has no more numbers."""
        kon = "K" if self._rng.randrange(100) < WOMEN else "M"
        pool = self._pools[weighted(self._rng, AGES[profil]), kon] or self._pools[PLENTY, kon]
        nummer = parse(pool.pop(), today=self._today)
        fornamn, efternamn = draw(self._rng, kon)
        return DemoPerson(nummer, fornamn, efternamn, forbund, kommun, weighted(self._rng, EDUCATION[profil]))

    def _pool(self, reported: int, ages: tuple[int, int], kon: str) -> list[str]:
        """Numbers of that age, to be taken from the end: personnummer first, then samordningsnummer."""
        years = range(reported - ages[1], reported - ages[0] + 1)
        fitting = [
            (slag == "personnummer", digits)
            for digits, slag in listed_numbers().items()
            if int(digits[:4]) in years and ("M" if int(digits[10]) % 2 else "K") == kon
        ]
        self._rng.shuffle(fitting)
        return [digits for _, digits in sorted(fitting, key=lambda one: one[0])]


class Answers:
    """What people answer before and after."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._before = Deck(rng, BEFORE)
        self._after = {kon: Deck(rng, cards) for kon, cards in AFTER.items()}

    def before(self, profil: Profil, age: int) -> Sysselsattning:
        """Within the week before the start."""
        return self._say(self._before.deal(), self._sources(profil, age), half=True)

    def after(self, kon: str, fore: Sysselsattning) -> Sysselsattning:
        """At the end: dealt so that the shares of the year come near the published ones."""
        rng, utfall = self._rng, self._after[kon].deal()
        kept = fore.forsorjning or INGEN
        if utfall in ("arbete", "bada"):
            kept = kept if rng.random() < 0.3 else INGEN
        elif utfall == "studier":
            kept = weighted(rng, {f"studiestod:{HEL}": 6, kept: 3, INGEN: 1})
        elif rng.random() < 0.3:
            kept = weighted(
                rng,
                {
                    f"aktivitetsstod:{HEL}": 35, f"forsorjningsstod:{HEL}": 20, f"sjukersattning:{HEL}": 12,
                    f"sjukpenning:{DEL}": 13, f"arbetsloshetsersattning:{HEL}": 10, INGEN: 10,
                },
            )  # fmt: skip
        return self._say(utfall, kept, half=False)

    def months(self, profil: Profil, forsorjning: str | None) -> int | None:
        """Time in offentlig försörjning before."""
        if self._rng.random() < 0.03:
            return None
        if forsorjning == INGEN and self._rng.random() < 0.6:
            return 0
        median = {"sjuk": 22, "ung": 18, "arbetslos": 34}.get(profil, 24)
        return min(300, round(self._rng.lognormvariate(0, 0.95) * median))

    def _sources(self, profil: Profil, age: int) -> str | None:
        rng = self._rng
        if rng.random() < 0.02:
            return None
        kod = weighted(rng, SOURCES[profil])
        # Aktivitetsersättning ends at 30, utvecklingsersättning at 25.
        if (kod == "aktivitetsersattning" and age > 29) or (kod == "utvecklingsersattning" and age > 24):
            kod = "aktivitetsstod"
        if kod == INGEN:
            return INGEN
        if kod in ("sjukpenning", "forsorjningsstod", "aktivitetsersattning") and rng.random() < 0.17:
            other = weighted(
                rng, {"arbetsloshetsersattning": 3, "aktivitetsstod": 3, "studiestod": 1, "sjukersattning": 2}
            )
            return forsorjning_text({kod: DEL, other: DEL})
        return forsorjning_text({kod: DEL if rng.random() < 0.16 else HEL})

    def _say(self, utfall: Utfall, forsorjning: str | None, *, half: bool) -> Sysselsattning:
        rng = self._rng
        if utfall == "saknas":
            return Sysselsattning(forsorjning if rng.random() < 0.5 else None)
        works, studies = utfall in ("arbete", "bada"), utfall in ("studier", "bada")
        part = {25: 3, 50: 5, 75: 1, 100: 1} if half or utfall == "bada" else {25: 2, 50: 6, 75: 4, 100: 9}
        looking = utfall == "sokande" or (works and rng.random() < 0.1)
        return Sysselsattning(
            forsorjning=forsorjning,
            arbetar=weighted(rng, part) if works else 0,
            typ_av_arbete=weighted(rng, {"ordinarie": 58, "subventionerat": 38, "eget_foretag": 4})
            if works
            else None,
            studerar=weighted(rng, {25: 1, 50: 3, 100: 0 if half else 6}) if studies else 0,
            arbetssokande=looking,
            inskriven_af=looking or rng.random() < 0.28,
        )
