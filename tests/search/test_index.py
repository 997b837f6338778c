"""The index: small, the same every time, and nothing lost on the way."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from ketamine_kb.evidence import load
from ketamine_kb.project import Project
from ketamine_kb.search import index, synonyms
from ketamine_kb.search.index import ListedPage, PageRecord, SectionRecord, TermRecord, TopicRecord
from ketamine_kb.search.synonyms import SynonymFile

WORDS = SynonymFile.model_validate(
    {
        "families": [
            {"family": "one", "words": [{"said": ["pee"], "means": ["bladder"], "first": "b"}, {"said": ["wee wee"], "means": ["urine"]}]}
        ]
    }
)


def pages() -> list[ListedPage]:
    first = PageRecord("Bladder: what is known", "What is known of the bladder.")
    first.sections = [
        SectionRecord("bladder-what-is-known", "Bladder: what is known", "Heavy use harms the bladder."),
        SectionRecord("in-plain-words", "In plain words", "Urine may hurt.", plain=True, claims=["x", "x"]),
        SectionRecord("odd", "Säfe?", "</script>\u2028"),
    ]
    second = PageRecord(
        "Glossary", "", terms=[TermRecord("term-BDNF", "BDNF", "A protein. More."), TermRecord("term-axon", "axon", "word " * 60)]
    )
    second.topics = [TopicRecord("pee", ["a", "b", "gone"])]
    return [ListedPage("a", "a.html", first), ListedPage("b", "b.html", second, rank=0, with_text=False)]


def read_places(data: dict[str, object]) -> dict[str, dict[int, list[int]]]:
    """Words and places as the browser reads them."""
    found: dict[str, dict[int, list[int]]] = {}
    before = ""
    for word, places in zip(str(data["words"]).split(" "), str(data["places"]).split(" "), strict=True):
        before = before[: int(word[0], 36)] + word[1:]
        found[before] = {}
        for part in places.split(";"):
            last, high = -1, 0
            numbers = found[before][int(part[0])] = []
            for letter in part[1:]:
                if letter.isupper():
                    high = high * 26 + ord(letter) - 65
                else:
                    last += 36 * high + int(letter, 36) + 1
                    numbers.append(last)
                    high = 0
    return found


def test_all_that_goes_in_comes_out() -> None:
    made = index.make(pages(), [], WORDS, {})
    assert made.counts == {"pages": 2, "sections": 3, "claims": 0, "terms": 2, "topics": 1}
    data = json.loads(made.script.removeprefix("globalThis.kbSearchIndex=").rstrip(";\n"))
    assert data["pages"] == [["a.html", "Bladder: what is known", "What is known of the bladder.", 2], ["b.html", "Glossary", "", 0]]
    assert data["sections"] == [[0, ""], [0, "In plain words"], [0, "Säfe?", "odd"]]
    assert [term[:2] for term in data["terms"]] == [[1, "BDNF"], [1, "axon"]]
    assert data["terms"][0][2:] == ["A protein.", "term-BDNF"]
    assert len(data["terms"][1][2]) <= index.MOST_SHOWN + 2
    assert data["topics"] == [[0, 1]]
    assert data["synonyms"] == [["pee", "bladder"], ["wee wee", "urin"]]
    assert data["first"] == [["pee", 1]]
    places = read_places(data)
    assert {field: places["bladder"][field] for field in (index.TITLE, index.PLAIN)} == {index.TITLE: [0, 2], index.PLAIN: [0]}
    assert places["urin"] == {index.PLAIN: [3]}
    assert places["pee"] == {index.TITLE: [7]}
    assert set(places) == made.vocabulary


def test_the_script_ends_where_it_should() -> None:
    script = index.make(pages(), [], WORDS, {}).script
    assert script.count("\n") == 1
    assert not re.search("[\u2028\u2029]", script)


@given(st.lists(st.integers(0, 200_000), unique=True, min_size=1, max_size=30).map(sorted))
def test_places_survive_being_written(numbers: list[int]) -> None:
    written = index._gaps(numbers)
    assert re.fullmatch(r"(?:[A-Z]*[0-9a-z])+", written)
    data: dict[str, object] = {"words": "0a", "places": "0" + written}
    assert read_places(data) == {"a": {0: numbers}}


def test_a_claim_leads_to_every_section_that_shows_it_and_without_one_to_its_entry(project: Project) -> None:
    claims = list(load.load(project).claims.values())[:3]
    listed = pages()
    listed[0].record.sections[1].claims = [claims[0].id, claims[0].id]
    made = index.make(listed, claims, WORDS, {claims[0].id: "b", claims[1].id: "b", claims[2].id: "gone"})
    found = made.data["claims"]
    assert isinstance(found, list)
    assert len(found) == made.counts["claims"] == 2, "the third could lead nowhere"
    first, second = found
    assert first[2] == [1]
    assert len(first) == 4, "its id is not needed"
    assert (second[2], second[4:]) == ([], [1, claims[1].id])
    assert first[0] == claims[0].plain


def test_the_order_of_the_synonyms_is_that_of_the_file(project: Project) -> None:
    entries = synonyms.read(project)[1].entries
    assert entries[0].said[0] == "pee"
