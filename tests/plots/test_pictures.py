"""Every picture: the expected bytes, readable without colour, within its frame, with words and data that say the same."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from ketamine_kb.diagrams.measure import missing_glyphs, width
from ketamine_kb.plots import level_rows
from ketamine_kb.plots.bars import EventRow, Groups, frequencies
from ketamine_kb.plots.curves import WARNING, Curve, curves
from ketamine_kb.plots.draw import HEAD, SECOND, TEXT, WIDTH, Picture
from ketamine_kb.plots.forest import Direction, ForestRow, forest
from ketamine_kb.plots.icons import Pair, Share, icons, whole
from ketamine_kb.plots.timeline import Bar, timeline
from tests.plots.examples import facts, kinetics, pictures
from tests.plots.renew import COMMAND, GOLDENS, expected

NAMES = sorted(pictures())
SVG = "{http://www.w3.org/2000/svg}"
every = pytest.mark.parametrize("name", NAMES)


def test_the_bytes_are_the_expected_ones() -> None:
    found = {path.name: path.read_bytes().decode() for path in GOLDENS.iterdir()}
    wanted = expected()
    assert sorted(found) == sorted(wanted), COMMAND
    assert [name for name in wanted if found[name] != wanted[name]] == [], COMMAND


@every
def test_it_has_a_role_a_title_and_its_words(name: str) -> None:
    tree = ET.fromstring(pictures()[name].svg("u"))
    assert tree.get("role") == "img"
    title, description = tree.find(f"{SVG}title"), tree.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert (tree.get("aria-labelledby"), tree.get("aria-describedby")) == (title.get("id"), description.get("id"))
    assert description.text == pictures()[name].alternative


@every
def test_it_has_no_style_no_script_and_no_colour_of_its_own(name: str) -> None:
    text = pictures()[name].svg("u")
    assert not re.search(r"style=|<script|on\w+=|<style|#[0-9a-fA-F]{3,6}\b|rgb\(|https?://(?!www\.w3\.org)", text)
    assert "<style>" in pictures()[name].svg("u", print_colours=True)
    assert "var(" not in pictures()[name].svg("u", print_colours=True)


@every
def test_every_word_lies_within_the_frame(name: str) -> None:
    picture = pictures()[name]
    assert picture.width <= WIDTH <= 700
    for text in ET.fromstring(picture.svg("u")).iter(f"{SVG}text"):
        classes = (text.get("class") or "").split()
        size = HEAD if "kb-head" in classes else SECOND if "kb-second" in classes else TEXT
        long, x = width(text.text or "", size), float(text.get("x") or 0)
        left = x - (long if "kb-end" in classes else long / 2 if "kb-middle" in classes else 0)
        assert left >= -0.5, text.text
        assert left + long <= picture.width + 0.5, text.text
        assert 0 < float(text.get("y") or 0) <= picture.height, text.text


@every
def test_the_font_has_every_character(name: str) -> None:
    assert missing_glyphs("".join(ET.fromstring(pictures()[name].svg("u")).itertext())) == []


@every
def test_rows_words_and_file_say_the_same(name: str) -> None:
    picture = pictures()[name]
    read = list(csv.reader(io.StringIO(picture.csv())))
    assert read[0] == [*picture.head, "sources"]
    assert [tuple(row[:-1]) for row in read[1:]] == list(picture.rows)
    assert all(row[-1] for row in read[1:]), "a row without a source"
    for row in picture.rows:
        assert row[0] in picture.alternative
    assert {key for keys in picture.sources for key in keys} <= set(facts().sources)


@every
def test_no_number_is_missing_or_not_a_number(name: str) -> None:
    picture = pictures()[name]
    assert not re.search(r"\b(?:nan|NaN|inf|None)\b", picture.svg("u") + picture.csv())
    assert "-0.0" not in picture.csv()


# -- forest ----------------------------------------------------------------------------------------------------------------

WAY = Direction("more of every 100", "favours comparison", "favours ketamine")


def row(**changes: object) -> ForestRow:
    base = ForestRow(
        label="A trial", value=10, low=2, high=18, counts="20 of 50 against 15 of 50", note="day 28", group="Against x", sources=("k",)
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_every_rate_has_its_comparison_threshold_and_mark() -> None:
    for outcome in ("response", "remission"):
        for item in pictures()[f"forest-{outcome}"].rows:
            heading, counts, basis, cautions, harms = item[1], item[2], item[6], item[7], item[8]
            assert re.fullmatch(rf"{outcome.capitalize()}: (definition not seen|.*\d.*)\. Counted: .+\. Compared with: .+", heading)
            assert " against " in counts
            assert basis in ("reported", "reconstructed")
            assert cautions
            assert harms


def test_both_sides_are_named_and_groups_are_kept_apart() -> None:
    picture = forest("t", [row(), row(label="B", group="Against y", low=-3)], WAY)
    assert "← favours comparison" in picture.body
    assert "favours ketamine →" in picture.body
    assert picture.body.index("Against x") < picture.body.index("A trial") < picture.body.index("Against y") < picture.body.index(">B<")
    assert "the interval includes no difference" in picture.sentences[2]
    assert "favours ketamine" in picture.sentences[1]


def test_groups_with_the_same_words_stand_apart_where_what_they_share_is_not_known() -> None:
    known = forest("t", [row(), row(label="B"), row(label="C")], WAY).body
    unknown = forest("t", [row(apart="a"), row(label="B", apart="b"), row(label="C", apart="a")], WAY).body
    assert known.count("Against x") == 1
    assert unknown.count("Against x") == 2
    assert unknown.index("A trial") < unknown.index(">C<") < unknown.index(">B<")


def test_cautions_are_lettered_once_and_told_in_words_and_data() -> None:
    picture = forest("t", [row(cautions=("It missed its goal.",)), row(label="B", cautions=("Open label.", "It missed its goal."))], WAY)
    assert "A trial [a]" in picture.body
    assert ">B [b] [a]<" in picture.body
    assert picture.body.count("[a] It missed its goal.") == 1
    assert picture.sentences[2].endswith("Open label. It missed its goal.")
    assert [item[7] for item in picture.rows] == ["It missed its goal.", "Open label. It missed its goal."]


def test_reconstructed_counts_have_another_mark_and_are_told() -> None:
    picture = forest("t", [row(reconstructed=True)], WAY)
    assert 'class="kb-drug kb-hollow"' in picture.body
    assert picture.sentences[1].endswith("The counts are reconstructed from printed percentages.")


def test_trials_that_are_not_drawn_are_counted_in_the_picture_and_named_in_words() -> None:
    picture = pictures()["forest-response"]
    assert "Not drawn: " in picture.body
    assert any("Japan phase 2b" in sentence for sentence in picture.sentences)


@pytest.mark.parametrize(
    ("rows_", "says"),
    [
        ([], "a forest plot without rows, expected at least one"),
        ([row(value=40)], "A trial: 40 outside its interval 2 to 18"),
    ],
)
def test_a_forest_that_cannot_be_drawn(rows_: list[ForestRow], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        forest("t", rows_, WAY)


# -- harm beside benefit -----------------------------------------------------------------------------------------------------

SHARE = Share("Drug", 59, "59 of 100 people")
GAIN = Pair("benefit", "responded", "by day 28", SHARE, Share("Placebo", 45, "45 of 100 people"), ("k",))
COST = Pair("harm", "had nausea", "per patient", Share("Drug", 12, "12%"), Share("Placebo", 3.6, "3.6%"), ("k",))
MOOD = Bar("Mood", "benefit", 1, 100, "Better than placebo.", "Small trials.", sources=("k",))
SICK = Bar("Nausea", "harm", 0, 4, "More than placebo.", "One dose.", sources=("k",))
LINE = Curve("Vein", "vein", (0.0, 1.0, 2.0), (0.0, 10.0, 5.0), (1.0, 10.0), 9.0, "a model", sources=("k",))


def test_no_benefit_without_a_harm() -> None:
    with pytest.raises(ValueError, match="an icon array of a benefit without a harm, expected both"):
        icons("t", [GAIN])
    with pytest.raises(ValueError, match="a time course of a benefit without a side effect, expected both"):
        timeline("t", [MOOD], 14)
    with pytest.raises(ValueError, match="levels beside a benefit without a side effect, expected both"):
        curves("t", [LINE], [], [MOOD], 8)
    for made in (icons("t", [GAIN, COST]), timeline("t", [MOOD, SICK], 14), curves("t", [LINE], [], [MOOD, SICK], 8)):
        assert isinstance(made, Picture)


def test_icons_count_what_they_say_by_shape() -> None:
    body = icons("t", [GAIN, COST]).body
    assert body.count('class="kb-benefit-full"') == 59 + 45
    assert len(re.findall(r'<path [^>]*class="kb-harm-full"', body)) == 12 + 4
    assert body.count('class="kb-grid kb-none"') == 400 - (59 + 45 + 12 + 4)
    assert [whole(value) for value in (0, 0.5, 3.6, 45.19, 100)] == [0, 1, 4, 45, 100]
    with pytest.raises(ValueError, match="Drug: 120 percent, expected 0 to 100"):
        icons("t", [replace(COST, tested=replace(SHARE, percent=120))])


def test_curves_are_told_apart_without_colour_and_carry_the_warning() -> None:
    picture = pictures()["curves"]
    for pattern in ('class="kb-vein kb-none"', 'class="kb-nose kb-none kb-dash"', 'class="kb-mouth kb-none kb-dots"'):
        assert picture.body.count(pattern) == 1
    assert WARNING in picture.alternative
    assert "never a guide to dosing" in picture.body
    with pytest.raises(ValueError, match="a level below 0"):
        curves("t", [replace(LINE, levels=(0.0, -1.0, 0.0))], [], [SICK], 8)
    with pytest.raises(ValueError, match="levels without curves"):
        curves("t", [], [], [SICK], 8)


def test_the_band_holds_the_line() -> None:
    for dose in kinetics().doses:
        line = level_rows.curve(dose, kinetics(), 8)
        if line.low:
            assert all(low <= level <= high for low, level, high in zip(line.low, line.levels, line.high, strict=True))
        assert line.levels[0] == 0 or dose.hours == 0


def test_events_always_have_their_comparison_group() -> None:
    groups = Groups("a trial", "drug", "placebo", "per patient", "four weeks", "A small trial.")
    seen = EventRow("Nausea", 20, 10, "10 of 50", "5 of 50", "reported", "10.0 (−4.2 to 24.0)", ("k",))
    picture = frequencies("t", [seen], groups)
    assert picture.sentences[1] == "Nausea: 20.0 of every 100 with drug (10 of 50), 10.0 of every 100 with placebo (5 of 50; per patient)."
    assert picture.rows[0] == ("Nausea", "20.0", "10 of 50", "10.0", "5 of 50", "10.0 (−4.2 to 24.0)", "reported")
    assert "reconstructed" not in picture.body
    worked = frequencies("t", [replace(seen, basis="reconstructed")], groups)
    assert "10 of 50 against 5 of 50 *" in worked.body
    assert "* counts reconstructed from printed percentages" in worked.body
    assert worked.sentences[1].endswith("The counts are reconstructed from printed percentages.")
    with pytest.raises(ValueError, match="Nausea: 120 and 10 percent, expected 0 to 100"):
        frequencies("t", [replace(seen, tested=120)], groups)
    with pytest.raises(ValueError, match="a picture of events without rows"):
        frequencies("t", [], groups)
