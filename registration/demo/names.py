"""Names of nobody: real first names, and surnames that show at once that they are made up."""

from __future__ import annotations

import random

_WOMEN = (
    "Agnes Aisha Alma Amina Anita Astrid Birgitta Camilla Clara Daniela Edith Elin Ellen Emelie Eva Fatima Frida "
    "Gunilla Hanna Helena Ida Ingrid Jasmin Jenny Johanna Julia Kerstin Klara Layla Lena Linnea Lovisa Maja Malin "
    "Maria Maryam Matilda Mona Nadja Nora Olga Petra Rebecka Rosa Samira Sara Signe Sofia Stina Susanne Therese "
    "Tove Ulrika Vera Viktoria Wilma Yasmin Ylva Zahra"
)
_MEN = (
    "Adam Adrian Ahmed Albin Alexander Anders Anton Arvid Axel Björn Casper Christer Daniel David Edvin Elias Emil "
    "Erik Fabian Filip Fredrik Gabriel Göran Gustav Hampus Hassan Henrik Hugo Ibrahim Isak Jakob Jan Joel Jonas Karim "
    "Kevin Kjell Lars Leo Linus Ludvig Magnus Marcus Mattias Mikael Mohamed Nils Noel Oliver Omar Oskar Patrik Per "
    "Rasmus Roger Samuel Sebastian Stefan Tobias Viktor Yusuf"
)
WOMEN, MEN = tuple(_WOMEN.split()), tuple(_MEN.split())
_ENDINGS = "berg dal gren hed holm kvist lund mark sjö sten ström vall"
SURNAMES = tuple(
    first + last for first in ("Prov", "Exempel", "Övnings", "Påhitts", "Låtsas") for last in _ENDINGS.split()
)
"""Of deltagare. The staff of the demo are called Demo- something."""


def draw(rng: random.Random, kon: str) -> tuple[str, str]:
    """(first name, surname) for a woman (`K`) or a man (`M`)."""
    return rng.choice(WOMEN if kon == "K" else MEN), rng.choice(SURNAMES)
