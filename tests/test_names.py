from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socioseg.names import MAX_LENGTH, public_name
from socioseg.taxonomy import SocioClass, load_taxonomy

if TYPE_CHECKING:
    from collections.abc import Mapping

PARK = SocioClass("park", "park and greenspace", names=True)
CLASSES = {known.name: known for known in load_taxonomy().classes}


def shown(name: str, class_name: str, **tags: str) -> str:
    return public_name({"name": name, **tags}, CLASSES[class_name])


@pytest.mark.parametrize(
    ("name", "class_name"),
    [
        ("Dr. Martin Luther King Jr. Park", "park"),
        ("Dr Rayner Browne Elementary School", "school"),
        ("Dr.-Sun-Yat-Sen-Schule", "school"),
        ("Prof. Ivan Petrov Memorial", "memorial"),
        ("Hospital Dr. José Eleuterio González", "hospital"),
        ("Dr. Martin Luther King Jr. Apartments", "apartment building"),
        ("Biblioteca Prof. Antônio Souza", "library"),
        ("My Eye Dr", "optician"),
        ("H&S Bakery Outlet", "bakery"),
        ("BB&T", "bank"),
        ("AT&T", "electronics store"),
        ("Soc&Kom", "restaurant"),
        ("mr. big", "clothing store"),
        ("Stop@Station", "newsstand"),
        ("ING", "company"),
        ("Arch Street Tavern", "restaurant"),
        ("Show Me Coffee", "cafe"),
        ("Boston Street Animal Hospital", "veterinary clinic"),
        ("7-Eleven", "convenience store"),
        ("P.S. 118", "school"),
        ("School 14", "school"),
        ("天坛公园", "park"),
        ("Családi Park", "park"),
        ("Familie Park", "park"),
    ],
)
def test_names_of_public_places_are_shown(name: str, class_name: str) -> None:
    assert shown(name, class_name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("name", "class_name"),
    [
        ("Dr. Anna Schmidt", "clinic"),
        ("Clínica Dra. María Pérez", "clinic"),
        ("Praxis Sauter", "clinic"),
        ("Prof. Dr. med. Hans Meier", "clinic"),
        ("lek. med. Jan Kowalski", "clinic"),
        ("Farmacia Dott.ssa Bianchi", "pharmacy"),
        ("Jane Smith, M.D.", "clinic"),
        ("John Doe DDS", "clinic"),
        ("Müller & Partner", "company"),
        ("Estlander & Partners", "company"),
        ("Rechtsanwälte Huber", "office building"),
        ("Studio Legale Rossi", "company"),
        ("Avv. Mario Rossi", "company"),
        ("Me. Jean Dupont", "company"),
        ("Asianajotoimisto Pertti Niemitalo oy", "company"),
        ("Dipl.-Ing. Karl Weber", "company"),
        ("Law Offices of Peter Brown", "company"),
        ("д-р Иванов", "clinic"),  # noqa: RUF001 - Cyrillic is meant
        ("Адвокат Петров", "company"),
        ("王明律师事务所", "company"),
        ("Tierarztpraxis Lang", "veterinary clinic"),
        ("Elektro Maier e.K.", "store"),
        ("Blumen Lux Inh. Eva Lux", "flower shop"),
        ("Familie Gruber", "residential area"),
    ],
)
def test_names_of_private_persons_are_not(name: str, class_name: str) -> None:
    assert shown(name, class_name) == ""


@pytest.mark.parametrize("class_name", ["doctor's office", "law office", "dental office"])
def test_classes_without_names_show_none(class_name: str) -> None:
    assert shown("Barbican Practice", class_name, wikidata="Q1") == ""


def test_a_title_in_the_local_name_hides_the_translated_one_too() -> None:
    tags = {"name": "Dr. Anna Schmidt", "name:en": "Schmidt Clinic"}
    assert public_name(tags, CLASSES["clinic"], "en") == ""


def test_a_known_brand_may_look_like_a_person_or_a_number() -> None:
    assert shown("Dr. Martens", "shoe store") == ""
    assert shown("Dr. Martens", "shoe store", brand="Dr. Martens") == "Dr. Martens"
    assert shown("3M", "company", wikidata="Q159433") == "3M"


@pytest.mark.parametrize(
    "name",
    ["", "  ", "12", "12a", "12-14", "B-3", "#3", "№ 20", "7号楼", "Building 41", "Block 4b", "☕"],
)
def test_numbers_and_references_are_no_names(name: str) -> None:
    assert public_name({"name": name}, PARK) == ""


@pytest.mark.parametrize("name", ["info@example.org", "www.example.org", "https://example.org/a"])
def test_contact_data_is_no_name(name: str) -> None:
    assert public_name({"name": name}, PARK) == ""


def test_language_is_chosen_with_the_plain_name_behind_it() -> None:
    tags: Mapping[str, str] = {"name": "上海大学", "name:en": "Shanghai University"}
    assert public_name(tags, PARK, "en") == "Shanghai University"
    assert public_name(tags, PARK, "fr") == "上海大学"
    assert public_name({"name": "A park", "name:en": " "}, PARK, "en") == "A park"
    assert public_name({"name:en": "Only English"}, PARK) == ""


def test_blanks_and_control_characters_are_normalised() -> None:
    assert (
        public_name({"name": " Lane\u00a0Park\n\u200e\u202e \tWest\x07 "}, PARK) == "Lane Park West"
    )
    assert public_name({"name": "Cafe\u0301 Park"}, PARK) == "Caf\u00e9 Park"
    assert public_name({"name": "می\u200cخورم"}, PARK) == "می\u200cخورم"


def test_absurdly_long_names_are_dropped() -> None:
    assert public_name({"name": "a" * MAX_LENGTH}, PARK) == "a" * MAX_LENGTH
    assert public_name({"name": "a" * (MAX_LENGTH + 1)}, PARK) == ""


@given(st.text(max_size=200))
def test_any_text_gives_a_clean_name_that_stays_as_it_is(name: str) -> None:
    once = public_name({"name": name}, PARK)
    assert public_name({"name": once}, PARK) == once
    assert len(once) <= MAX_LENGTH
    assert once == " ".join(once.split())
    assert not any(unicodedata.category(c) == "Cc" for c in once)
