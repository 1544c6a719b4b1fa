"""What is registered (DOMAIN §3–4)."""

from .antal import Anonyma, Volym
from .deltagande import (
    ATERKALLAT_SAMTYCKE,
    FELREGISTRERING,
    NUMMERBYTEN,
    Avidentifiering,
    Deltagande,
    Inregistrering,
    Rattelseslag,
    Utregistrering,
)
from .forbund import Forbund, ForbundAr, ForbundKommun, ForbundRegion
from .fragor import Fraga, Svar
from .insats import Insats, InsatsAgande, InsatsAr, InsatsBehovsgrupp, InsatsPart
from .kodlistor import Kod, Kodlista, Kommun, Lan, Stadsdel
from .person import IN_THE_WAY, Identitet, Nummerhash, Person
from .plan import PlaneratUttag
from .samtycke import (
    IMPORTED_FORM,
    Beslut,
    Samtycke,
    Samtyckesandring,
    Samtyckesblankett,
    Samtyckesformular,
    Samtyckesskanning,
    Samtyckestext,
)
from .uppdrag import Uppdrag
from .utkast import Utkast
from .veckobrev import Veckobrev

__all__ = [
    "ATERKALLAT_SAMTYCKE",
    "FELREGISTRERING",
    "IMPORTED_FORM",
    "IN_THE_WAY",
    "NUMMERBYTEN",
    "Anonyma",
    "Avidentifiering",
    "Beslut",
    "Deltagande",
    "Forbund",
    "ForbundAr",
    "ForbundKommun",
    "ForbundRegion",
    "Fraga",
    "Identitet",
    "Inregistrering",
    "Insats",
    "InsatsAgande",
    "InsatsAr",
    "InsatsBehovsgrupp",
    "InsatsPart",
    "Kod",
    "Kodlista",
    "Kommun",
    "Lan",
    "Nummerhash",
    "Person",
    "PlaneratUttag",
    "Rattelseslag",
    "Samtycke",
    "Samtyckesandring",
    "Samtyckesblankett",
    "Samtyckesformular",
    "Samtyckesskanning",
    "Samtyckestext",
    "Stadsdel",
    "Svar",
    "Uppdrag",
    "Utkast",
    "Utregistrering",
    "Veckobrev",
    "Volym",
]
