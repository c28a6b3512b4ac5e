"""Fonts for names in all scripts: which are used, in which order, and what none of them has."""

from __future__ import annotations

import os
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fontTools.ttLib import TTFont
from fontTools.unicodedata import script, script_extension, script_name

from socioseg.build.map.labels import is_text
from socioseg.build.map.mapnik_env import FONT_FOLDER, mapnik

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BASE_FACES = {
    "regular": ("DejaVu Sans Condensed",),
    "bold": ("DejaVu Sans Condensed Bold", "DejaVu Sans Condensed"),
    "italic": ("DejaVu Sans Condensed Oblique", "DejaVu Sans Condensed"),
}
"""Faces of each font set that always exist: they come with mapnik."""

CJK = "Noto Sans CJK"
_SCRIPTS = (
    *("Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada"),
    *("Malayalam", "Sinhala", "Thai", "Lao", "Khmer", "Myanmar", "Ethiopic", "Arabic", "Hebrew"),
    *("Georgian", "Armenian", "Syriac", "Thaana", "NKo", "Mongolian", "Javanese", "Cherokee"),
    *("Tifinagh", "Adlam", "Yi", "Symbols", "Symbols2"),
)
FALLBACK_FAMILIES = (
    CJK,
    *(f"Noto Sans {name}" for name in _SCRIPTS),
    "Noto Sans Canadian Aboriginal",
    "Noto Sans Ol Chiki",
    "Noto Sans Meetei Mayek",
    "Noto Serif Tibetan",
)
"""Families asked for what DejaVu lacks, in this order; other fonts of a machine do not matter."""

_CJK_REGIONS = {"ja": "JP", "ko": "KR", "zh-Hant": "TC", "zh-TW": "TC", "zh-HK": "HK"}
_CJK_SCRIPTS = {"Hani", "Hira", "Kana", "Hang", "Bopo"}
_SUFFIXES = {".ttf", ".ttc", ".otf"}
_WEIGHTS = ("Regular", "Bold")


def font_folders() -> tuple[Path, ...]:
    """Folders searched for fonts: those of `SOCIOSEG_FONTS` where it is set, else the system's."""
    chosen = os.environ.get("SOCIOSEG_FONTS")
    if chosen is not None:
        return tuple(Path(part) for part in chosen.split(os.pathsep) if part)
    home = Path.home()
    return (
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".local/share/fonts",
        home / ".fonts",
        home / "Library/Fonts",
        Path("/Library/Fonts"),
        Path("/System/Library/Fonts"),
    )


def font_sets(language: str = "") -> dict[str, tuple[str, ...]]:
    """Faces of each font set of the styles, in the order in which they are asked for a glyph.

    `language` chooses among the regional forms of Chinese characters (simplified by default).
    """
    families = list(dict.fromkeys(_fallback_files(font_folders()).values()))
    known = set(mapnik.FontEngine.face_names())
    return {
        name: base
        + tuple(_faces(families, "Bold" if name == "bold" else "Regular", language, known))
        for name, base in BASE_FACES.items()
    }


def _faces(families: list[str], weight: str, language: str, known: set[str]) -> Iterator[str]:
    """Give the face of each family with `weight`, or else the one it has."""
    for family in families:
        full = f"{family} {_CJK_REGIONS.get(language, 'SC')}" if family == CJK else family
        yield from [face for w in (weight, *_WEIGHTS) if (face := f"{full} {w}") in known][:1]


@lru_cache
def _fallback_files(folders: tuple[Path, ...]) -> dict[Path, str]:
    """Font files of the fallback families and their family, in the order of the families.

    Each is registered with mapnik; one that cannot be is left out.
    """
    wanted = {family.replace(" ", ""): family for family in FALLBACK_FAMILIES}
    found: dict[tuple[str, str], Path] = {}
    for path in _font_files(folders):
        stem, _, weight = path.stem.replace(" ", "").partition("-")
        if stem in wanted and (weight or "Regular") in _WEIGHTS:
            found.setdefault((wanted[stem], weight or "Regular"), path)
    order = [(family, weight) for family in FALLBACK_FAMILIES for weight in _WEIGHTS]
    files = {found[key]: key[0] for key in order if key in found}
    register = mapnik.FontEngine.register_font
    return {path: family for path, family in files.items() if register(str(path))}


def _font_files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in _SUFFIXES:
                yield path


def missing_glyphs(texts: Iterable[str]) -> dict[str, str]:
    """Scripts with characters that no font in use has, and the Debian package that has them.

    The package is "" where its fonts are installed already and lack the character too.
    """
    missing = {char for char in set().union(*texts) if _is_drawn(char)}
    files = _fallback_files(font_folders())
    for path in (FONT_FOLDER / "DejaVuSansCondensed.ttf", *files):
        if not missing:
            break
        missing -= _characters(path)
    families = {"CJK" if family == CJK else family for family in files.values()}
    installed = {_package(family) for family in families}
    needed = {name: _package(name) for name in map(_script, sorted(missing))}
    return {name: "" if package in installed else package for name, package in needed.items()}


def _is_drawn(char: str) -> bool:
    """Whether a label shows a character as ink: not as a space, a joiner, a selector."""
    invisible = unicodedata.category(char)[0] in "CZ"
    selector = unicodedata.name(char, "").startswith("VARIATION SELECTOR")
    return is_text(char) and not invisible and not selector


@lru_cache
def _characters(path: Path) -> frozenset[str]:
    """Characters that a font file has a glyph for."""
    with TTFont(path, fontNumber=0, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


def _script(char: str) -> str:
    """Name the script of a character; "CJK" for those that one font family serves together."""
    if script_extension(char) & _CJK_SCRIPTS:
        return "CJK"
    code = script(char)
    return "Symbols" if code in {"Zyyy", "Zinh"} else script_name(code).replace("_", " ")


def _package(name: str) -> str:
    return "fonts-noto-cjk" if name == "CJK" else "fonts-noto-core"
