"""The name under which a place may be shown and asked for; never a private person's."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from socioseg.taxonomy import SocioClass

MAX_LENGTH = 120
WORKED_BY_PERSONS = ("medical", "business office", "commercial service", "industrial")
"""Functions whose places may bear the name of who works there: there a personal title hides it."""
INSTITUTIONS = ("hospital", "nursing home", "sanatorium", "bank", "post office")
"""Classes of these functions whose titled names honour somebody, as "Dr. X Hospital" does."""
NOTABLE_KEYS = ("brand", "brand:wikidata", "wikidata")
"""Keys that show a name to be a known chain's or thing's, as of "Dr. Martens" or "3M"."""
JOINERS = "\u200c\u200d"
"""Format characters that spell words in Persian and Indic scripts; other ones are dropped."""

_TITLE_BEFORE_NAME = re.compile(
    r"""\b(?:(?:dr|dra|drs|dott|dott\.?ssa|dottor|dottoressa|doctor|doktor|docteur|doutora?
    |prof|profa|professor|avv|mudr|mvdr|judr|д-р|доктор|врач|проф)\b[.\s\-]+
    |(?:univ|prim|dipl|mag|ing|arch|geom|adv|abg|lic|lek|mgr|inż|me)\.[\s\-]*)(?=[^\W\d_])""",  # noqa: RUF001 - Cyrillic
    re.IGNORECASE | re.VERBOSE,
)
_TITLE_AFTER_NAME = re.compile(
    r"""\b(?:m\.d|d\.d\.s|d\.m\.d|d\.v\.m|d\.p\.m|d\.o|o\.d|ph\.d|esq|ll\.m|c\.p\.a|e\.k)\b
    |,\s*(?:md|dds|dmd|dvm|dpm|do|od|phd|cpa|pa|pc|pllc|jd)\b
    |\b(?:dds|dmd|dvm|dpm|phd)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PROFESSION = re.compile(
    r"""rechtsanw|\banwalt|\banwält|kanzlei|\bnotar|\bnotai|steuerberat|wirtschaftsprüf
    |zahnarzt|zahnärzt|hausarzt|facharzt|tierarzt|tierärzt|\bpraxis\b|arztpraxis|heilprakti
    |\bavvocat|studio\s+(?:legale|medico|dentistico)|commercialista|consultorio
    |\babogad|\badvogad|\badvocat|\badvokat|\badwokat|\bavocat|\bma[iî]tre\b|asianajo|lakiasiain
    |\b(?:law|attorneys?)\s+(?:offices?|firm|at)\b|\bsolicitors?\b|\bgabinet\b
    |cabinet\s+(?:m[ée]dical|dentaire)|адвокат|нотариус|律师|律師|弁護士|公证|公證|税理士|변호사|법무사
    |\binh(?:\.|aber)""",
    re.IGNORECASE | re.VERBOSE,
)
_PARTNERS = re.compile(r"(?:&|\+|\band\b|\bund\b|\bet\b|\by\b)\s*partner", re.IGNORECASE)
_FAMILY = re.compile(r"^(?:fam\.|familie|famille|familia|famiglia)\s", re.IGNORECASE)
_CONTACT = re.compile(r"\w@\w+\.\w|https?:|www\.", re.IGNORECASE)
_REFERENCE = re.compile(
    r"""(?:no|nr|n°|№|\#|unit|block|building|bldg|haus|lot|gate|floor|level|корпус|дом|д|к|стр)?
    [.\s]*[a-z]{0,3}[\s\-./]*\d[\d\s\-./,+]*[a-z]?[\s\-./]*\d*
    |第?[\d\s]+(?:号|號|栋|棟|幢|座|楼|樓|号楼|號樓|号館|号棟|동|호)""",
    re.IGNORECASE | re.VERBOSE,
)


def public_name(tags: Mapping[str, str], socio_class: SocioClass, language: str = "") -> str:
    """Name of a place as it may be shown; empty where it has none, or none for the public.

    A person's name without a title ("Maria's Salon") cannot be told from any other.

    Parameters
    ----------
    tags : mapping of str to str
        OSM tags of the place.
    socio_class : SocioClass
        Its class: of some, no name is shown at all; of some, none with a personal title.
    language : str
        Language code of the wanted name ("en": `name:en`); `name` where that is missing or empty.
    """
    name = ""
    if socio_class.names:
        name = _clean(tags.get(f"name:{language}", "")) or _clean(tags.get("name", ""))
    if not name or len(name) > MAX_LENGTH or _CONTACT.search(name):
        return ""
    if any(key in tags for key in NOTABLE_KEYS):
        return name
    personal = any(_is_personal(text, socio_class) for text in (name, tags.get("name", "")))
    return "" if personal or _is_reference(name) else name


def _clean(name: str) -> str:
    """NFC, without control characters, each run of blanks one space."""
    normal = unicodedata.normalize("NFC", name)
    kept = "".join(_visible(character) for character in normal)
    return " ".join(kept.split()).strip(JOINERS + " ")


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    hidden = unicodedata.category(character)[0] == "C" and character not in JOINERS
    return "" if hidden else character


def _is_reference(name: str) -> bool:
    """Whether the name only numbers the place: "12", "12a", "B-3", "Block 4", or has no letter."""
    return not any(map(str.isalpha, name)) or bool(_REFERENCE.fullmatch(name))


def _is_personal(name: str, socio_class: SocioClass) -> bool:
    """Whether the name says by a title or a profession that it is a living person's."""
    if socio_class.function == "residential":
        return bool(_FAMILY.search(name))
    if socio_class.function not in WORKED_BY_PERSONS or socio_class.name in INSTITUTIONS:
        return False
    patterns = [_TITLE_BEFORE_NAME, _TITLE_AFTER_NAME, _PROFESSION]
    if socio_class.function in ("medical", "business office"):
        patterns.append(_PARTNERS)
    return any(pattern.search(name) for pattern in patterns)
