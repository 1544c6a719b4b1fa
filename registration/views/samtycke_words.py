"""How the status of a samtycke is shown, the same wherever it stands."""

from __future__ import annotations

from finsam_site.ui.components import Tag, Tone

from ..rules.samtycke import WORDS, Status

_TONES = {
    Status.UNDERTECKNAT: Tone.WAIT,
    Status.SKICKAT: Tone.WAIT,
    Status.SAKNAS: Tone.BAD,
    Status.MOTTAGET: Tone.GOOD,
}


def samtycke_tag(status: str) -> Tag:
    """Where the original is (DOMAIN §4). status: a value of `Status`, as `status_of` computes it."""
    one = Status(status)
    return Tag(WORDS[one], _TONES.get(one, Tone.PLAIN))
