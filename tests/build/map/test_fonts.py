from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from socioseg.build.map.fonts import BASE_FACES, font_sets, missing_glyphs
from socioseg.build.map.mapnik_env import mapnik

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, the only one searched for fonts."""
    monkeypatch.setenv("SOCIOSEG_FONTS", str(tmp_path))
    return tmp_path


def make_font(path: Path, family: str, weight: str, characters: str) -> None:
    """Write a font in which every one of `characters` is a box."""
    pen = TTGlyphPen(None)
    for at, go in (((0, 0), pen.moveTo), ((0, 700), pen.lineTo), ((500, 700), pen.lineTo)):
        go(at)
    pen.closePath()
    glyphs = [".notdef", *(f"u{ord(char):X}" for char in characters)]
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(glyphs)
    font.setupCharacterMap({ord(char): f"u{ord(char):X}" for char in characters})
    font.setupGlyf(dict.fromkeys(glyphs, pen.glyph()))
    font.setupHorizontalMetrics(dict.fromkeys(glyphs, (600, 0)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": family, "styleName": weight})
    font.setupOS2()
    font.setupPost()
    path.parent.mkdir(exist_ok=True)
    font.save(path)


def make_ethiopic(folder: Path, *weights: str) -> None:
    for weight in weights:
        path = folder / "truetype" / f"NotoSansEthiopic-{weight}.ttf"
        make_font(path, "Noto Sans Ethiopic", weight, "ሀለቦሌ")


def test_without_other_fonts_only_those_of_mapnik_are_used(folder: Path) -> None:
    assert not list(folder.iterdir())
    assert font_sets() == BASE_FACES


def test_the_base_faces_come_with_mapnik() -> None:
    known = set(mapnik.FontEngine.face_names())
    assert {face for faces in BASE_FACES.values() for face in faces} <= known


def test_fonts_found_follow_in_the_weight_of_the_set(folder: Path) -> None:
    make_ethiopic(folder, "Regular", "Bold")
    found = font_sets()
    assert found["regular"] == (*BASE_FACES["regular"], "Noto Sans Ethiopic Regular")
    assert found["bold"] == (*BASE_FACES["bold"], "Noto Sans Ethiopic Bold")


def test_a_family_without_a_bold_face_serves_with_its_regular_one(folder: Path) -> None:
    make_font(folder / "NotoSansNKo-Regular.ttf", "Noto Sans NKo", "Regular", "ߒ")
    assert font_sets()["bold"][-1] == "Noto Sans NKo Regular"


def test_other_fonts_of_the_machine_do_not_matter(folder: Path) -> None:
    make_font(folder / "Comic-Regular.ttf", "Comic", "Regular", "漢")
    (folder / "NotoSansThai-Regular.txt").write_text("no font")
    assert font_sets() == BASE_FACES


@pytest.mark.parametrize(
    ("language", "face"), [("", "SC"), ("de", "SC"), ("ja", "JP"), ("ko", "KR"), ("zh-Hant", "TC")]
)
def test_the_form_of_chinese_characters_follows_the_language(
    folder: Path, language: str, face: str
) -> None:
    for region in ("SC", "JP", "KR", "TC"):
        make_font(folder / f"part{region}.ttf", f"Noto Sans CJK {region}", "Regular", "漢")
        mapnik.FontEngine.register_font(str(folder / f"part{region}.ttf"))
    make_font(folder / "NotoSansCJK-Regular.ttf", "Noto Sans CJK SC", "Regular", "漢")
    assert font_sets(language)["regular"][-1] == f"Noto Sans CJK {face} Regular"


def test_a_broken_font_file_is_left_out(folder: Path) -> None:
    (folder / "NotoSansKhmer-Regular.ttf").write_bytes(b"no font" * 99)
    assert font_sets() == BASE_FACES
    assert missing_glyphs(["ខ្មែរ"]) == {"Khmer": "fonts-noto-core"}


def test_what_mapniks_fonts_have_is_not_missing(folder: Path) -> None:
    assert missing_glyphs([]) == {}
    assert (
        missing_glyphs(
            ["Straße Ž № 5", "Мир", "Ελλάς", "مدرسة", "שלום", "a\u200db\ufe0f\n\U0001faa9"]
        )
        == {}
    )


@pytest.mark.parametrize(
    ("text", "script", "package"),
    [
        ("北京大学", "CJK", "fonts-noto-cjk"),
        ("スターバックス", "CJK", "fonts-noto-cjk"),
        ("서울", "CJK", "fonts-noto-cjk"),
        ("ቦሌ", "Ethiopic", "fonts-noto-core"),
        ("विद्यालय", "Devanagari", "fonts-noto-core"),
        ("โรงเรียน", "Thai", "fonts-noto-core"),
        ("ꯃꯅꯤ", "Meetei Mayek", "fonts-noto-core"),
    ],
)
def test_missing_scripts_are_named_with_their_package(
    folder: Path, text: str, script: str, package: str
) -> None:
    assert missing_glyphs([f"Cafe {text}", text]) == {script: package}


def test_a_font_found_makes_its_characters_no_longer_missing(folder: Path) -> None:
    make_ethiopic(folder, "Regular")
    assert missing_glyphs(["ቦሌ"]) == {}


def test_no_package_is_named_that_is_there_already(folder: Path) -> None:
    make_ethiopic(folder, "Regular")
    assert missing_glyphs(["ጀ", "漢"]) == {"Ethiopic": "", "CJK": "fonts-noto-cjk"}


def test_a_folder_that_does_not_exist_holds_no_fonts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOCIOSEG_FONTS", str(tmp_path / "none"))
    assert font_sets() == BASE_FACES
