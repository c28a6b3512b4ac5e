from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from socioseg import taxonomy as module
from socioseg.errors import RecipeError, UsageError
from socioseg.taxonomy import Taxonomy, load_taxonomy

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "osm"
FUNCTIONS = {
    "commercial service",
    "sport and cultural",
    "administrative",
    "park and greenspace",
    "business office",
    "transportation station",
    "educational",
    "industrial",
    "medical",
    "residential",
}
SMALL = """
version: 1
functions: [educational, medical]
classes:
  educational:
    - {name: school, rules: [{amenity: school}], fallback: [{building: school}]}
  medical:
    - {name: clinic, names: false, rules: [{amenity: [clinic, doctors]}, {healthcare: "*"}]}
"""


def load_text(tmp_path: Path, text: str) -> Taxonomy:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return load_taxonomy(path)


def name_of(**tags: str) -> str | None:
    found = load_taxonomy().classify(tags)
    return found and found.name


def test_packaged_taxonomy_has_ten_functions_and_many_classes() -> None:
    taxonomy = load_taxonomy()
    assert set(taxonomy.functions) == FUNCTIONS
    assert len(taxonomy.functions) == 10
    assert len(taxonomy.classes) >= 90
    assert {c.function for c in taxonomy.classes} == FUNCTIONS


def test_every_class_stands_in_one_function_and_has_rules() -> None:
    taxonomy = load_taxonomy()
    names = [c.name for c in taxonomy.classes]
    assert len(set(names)) == len(names)
    assert all(taxonomy.rules(name) for name in names)
    assert all(name == name.lower().strip() for name in names)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"amenity": "college"}, "college"),
        ({"amenity": "school", "building": "yes"}, "school"),
        ({"leisure": "pitch", "sport": "soccer"}, "soccer field"),
        ({"leisure": "pitch", "sport": "basketball;soccer"}, "soccer field"),
        ({"leisure": "pitch", "sport": "quidditch"}, "sports pitch"),
        ({"leisure": "pitch"}, "sports pitch"),
        ({"amenity": "fuel", "shop": "convenience"}, "gas station"),
        ({"shop": "mall", "building": "retail"}, "shopping mall"),
        ({"shop": "spoons"}, "store"),
        ({"shop": "car", "second_hand": "only"}, "used car dealer"),
        ({"amenity": "kindergarten", "building": "school"}, "kindergarten"),
        ({"building": "school"}, "school"),
        ({"amenity": "place_of_worship", "religion": "christian"}, "church"),
        ({"amenity": "place_of_worship", "building": "church"}, "church"),
        ({"amenity": "place_of_worship", "religion": "shinto"}, "shrine"),
        ({"tourism": "hotel", "historic": "building"}, "hotel"),
        ({"tourism": "attraction", "leisure": "park"}, "park"),
        ({"leisure": "garden"}, None),
        ({"leisure": "garden", "name": "Rosengarten"}, "garden"),
        ({"leisure": "marina", "harbour": "yes"}, "marina"),
        ({"amenity": "parking"}, "parking lot"),
        ({"amenity": "parking", "parking": "multi-storey"}, "parking garage"),
        ({"office": "government", "government": "prosecutor"}, "prosecutor's office"),
        ({"railway": "station", "station": "subway"}, "subway station"),
        ({"building": "apartments"}, "apartment building"),
        ({"building": "house"}, None),
        ({"building": "yes"}, None),
        ({"landuse": "forest"}, None),
        ({"leisure": "park", "landuse": "grass"}, "park"),
        ({"historic": "ruins"}, "ruins"),
        ({"club": "no"}, None),
        ({"shop": ""}, None),
        ({}, None),
    ],
)
def test_class_of_tags(tags: dict[str, str], expected: str | None) -> None:
    assert name_of(**tags) == expected


@pytest.mark.parametrize(
    "tags",
    [
        {"amenity": "school", "disused": "yes"},
        {"amenity": "school", "abandoned": "yes", "building": "school"},
        {"building": "school", "demolished": "yes"},
        {"shop": "vacant"},
        {"building": "construction", "amenity": "hospital"},
        {"building": "school", "disused:amenity": "school"},
        {"amenity": "parking", "parking": "underground"},
    ],
)
def test_what_is_not_in_use_or_not_to_be_seen_has_no_class(tags: dict[str, str]) -> None:
    assert name_of(**tags) is None
    assert load_taxonomy().unknown(tags) == []


def test_lifecycle_keys_that_say_no_change_nothing() -> None:
    assert name_of(amenity="school", disused="no") == "school"


def test_ruins_out_of_use_are_still_ruins() -> None:
    assert name_of(historic="ruins", abandoned="yes", amenity="pub") == "ruins"


def rules_in_order(content: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    entries = [entry for entries in content["classes"].values() for entry in entries]
    return [
        (entry["name"], rule)
        for part in ("rules", "fallback")
        for entry in entries
        for rule in entry.get(part, [])
    ]


CONTENT = yaml.safe_load(module.PACKAGED.read_text(encoding="utf-8"))
RULES = rules_in_order(CONTENT)


def plainly_holds(rule: dict[str, Any], tags: dict[str, str]) -> bool:
    for key, wanted in rule.items():
        values = {value.strip() for value in tags.get(key, "").split(";")} - {""}
        allowed = {wanted} if isinstance(wanted, str) else set(wanted)
        if not (values - {"no"} if wanted == "*" else values & allowed):
            return False
    return True


def plain_class(tags: dict[str, str]) -> str | None:
    if any(plainly_holds(rule, tags) for rule in CONTENT["excluded"]):
        tags = {key: value for key, value in tags.items() if key == "historic"}
    if any(key.startswith(tuple(CONTENT["former_prefixes"])) for key in tags):
        tags = {key: value for key, value in tags.items() if key != "building"}
    return next((name for name, rule in RULES if plainly_holds(rule, tags)), None)


def vocabulary() -> dict[str, list[str]]:
    words: dict[str, set[str]] = {"disused:amenity": {"pub"}}
    for rule in [*(rule for _, rule in RULES), *CONTENT["excluded"]]:
        for key, values in rule.items():
            listed = [values] if isinstance(values, str) else values
            words.setdefault(key, {"yes", "no", "something"}).update(set(listed) - {"*"})
    return {key: sorted(values) for key, values in words.items()}


WORDS = vocabulary()
TAGS = st.lists(st.sampled_from(sorted(WORDS)), unique=True, max_size=5).flatmap(
    lambda keys: st.fixed_dictionaries(
        {
            key: st.lists(st.sampled_from(WORDS[key]), min_size=1, max_size=3).map("; ".join)
            for key in keys
        }
    )
)


@given(TAGS)
def test_class_is_that_of_the_first_rule_in_plain_order(tags: dict[str, str]) -> None:
    assert name_of(**tags) == plain_class(tags)


@pytest.mark.parametrize(("name", "rule"), RULES)
def test_every_rule_can_be_reached(name: str, rule: dict[str, Any]) -> None:
    tags = {key: v if isinstance(v, str) else v[-1] for key, v in rule.items()}
    tags = {key: "something" if value == "*" else value for key, value in tags.items()}
    assert name_of(**tags) == name


def test_unknown_tags_are_named_only_where_no_class_is_found() -> None:
    unknown = load_taxonomy().unknown
    assert unknown({"amenity": "moon_base;bench", "building": "yes"}) == ["amenity=moon_base"]
    assert unknown({"amenity": "school", "leisure": "dreaming"}) == []
    assert unknown({"landuse": "grass", "amenity": "no"}) == []


def test_rules_as_text() -> None:
    rules = load_taxonomy().rules
    assert rules("soccer field") == ("leisure=pitch + sport=soccer|football|futsal",)
    assert "building=school" in rules("school")
    with pytest.raises(UsageError, match="soccer field"):
        rules("socer field")


def test_own_taxonomy_is_read(tmp_path: Path) -> None:
    taxonomy = load_text(tmp_path, SMALL)
    assert taxonomy.version == "1"
    assert taxonomy.functions == ("educational", "medical")
    assert taxonomy.classify({"healthcare": "x"}) == ("clinic", "medical", False)


def test_packaged_taxonomy_is_read_once() -> None:
    assert load_taxonomy() is load_taxonomy()


def test_fingerprint_follows_the_content_only(tmp_path: Path) -> None:
    plain = load_text(tmp_path, SMALL).fingerprint
    assert load_text(tmp_path, f"# a comment\n{SMALL}\n\n").fingerprint == plain
    assert load_text(tmp_path, SMALL.replace("doctors", "surgery")).fingerprint != plain
    assert len(plain) == 64


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: clinic", "name: school", ["'school'", "twice", "classes.medical"]),
        ("  medical:", "  magic:", ["classes.magic", "educational, medical"]),
        (", rules: [{amenity: school}], fallback: [{building: school}]", "", ["no rule"]),
        ("{amenity: school}]", "{}]", ["'school'", "empty"]),
        ("[clinic, doctors]", "[clinic, school]", ["amenity=school", "'clinic'", "never"]),
        ("[clinic, doctors]", "[clinic, clinic]", ["amenity=clinic", "never"]),
        ("[clinic, doctors]", "[yes, no]", ["classes.medical.0.rules.0.amenity", "string"]),
        ("names: false", "nams: false", ["nams"]),
        ("version: 1", "version: [", ["not valid YAML"]),
    ],
)
def test_wrong_file_is_refused(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    with pytest.raises(RecipeError) as caught:
        load_text(tmp_path, SMALL.replace(old, new))
    assert all(word in str(caught.value) for word in ["own.yaml", *words])


def test_rule_below_a_wildcard_is_refused(tmp_path: Path) -> None:
    late = "    - {name: vet, rules: [{healthcare: vet, amenity: pets}]}"
    with pytest.raises(RecipeError, match=r"healthcare=vet \+ amenity=pets.*never"):
        load_text(tmp_path, SMALL + late)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"none\.yaml"):
        load_taxonomy(tmp_path / "none.yaml")


def test_classifying_is_fast() -> None:
    tags = {"building": "yes", "name": "A", "amenity": "parking", "surface": "asphalt", "fee": "no"}
    classify = load_taxonomy().classify
    start = time.process_time()
    for _ in range(20_000):
        classify(tags)
    assert time.process_time() - start < 1.0


def test_baltimore_has_many_classes() -> None:
    path = DATA / "baltimore.osm.pbf"
    if not path.is_file():
        pytest.skip("the shared OSM extracts are not here")
    import osmium

    areas = (dict(o.tags) for o in osmium.FileProcessor(str(path)).with_areas() if o.is_area())
    found = [c for c in map(load_taxonomy().classify, areas) if c]
    assert len({c.name for c in found}) >= 40
    assert {c.function for c in found} == FUNCTIONS
