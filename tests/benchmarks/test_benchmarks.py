"""The parts of the benchmarks that can be wrong without anybody seeing it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from benchmarks.compare import Measured, asked_of, measure, place_of
from benchmarks.made_up import records, sized
from benchmarks.plot import HEIGHT, WIDTH, Line, as_svg
from benchmarks.report import Bench, merged, sections_of
from benchmarks.rivals import rivals
from benchmarks.worst import LENGTH, inputs
from knowledge.evaluation.questions import Question
from knowledge.library import Library
from knowledge.load import load_entries
from knowledge.schema import Entry


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return load_entries()


def section(name: str, figure: str) -> str:
    return Bench(name, "What it is.", ["figure"], [[figure]], notes=["Said below."]).markdown()


def test_one_section_is_renewed_and_the_others_stay() -> None:
    order = ("a", "b", "c")
    old = merged("", "# Head\n", {"a": section("a", "1"), "c": section("c", "3")}, order)
    new = merged(old, "# Head\n", {"b": section("b", "2"), "c": section("c", "4")}, order)
    assert list(sections_of(new)) == ["a", "b", "c"]
    assert sections_of(new)["a"].rstrip() == sections_of(old)["a"].rstrip() == section("a", "1").rstrip()
    assert "| 4 |" in new
    assert "| 3 |" not in new
    assert merged(new, "# Head\n", {}, order) == new


def test_a_section_no_longer_measured_goes() -> None:
    old = merged("", "# Head\n", {"a": section("a", "1"), "b": section("b", "2")}, ("a", "b"))
    assert list(sections_of(merged(old, "# Head\n", {}, ("b",)))) == ["b"]


def test_places_and_what_is_counted_from_them() -> None:
    assert place_of(["x", "y", "z"], frozenset({"y", "z"})) == 2
    assert place_of(["x"], frozenset({"y"})) == 0
    got = Measured((1, 2, 0, 4), (), 0.0)
    assert (got.within(1), got.within(3), got.mrr) == (0.25, 0.5, (1 + 0.5 + 0.25) / 4)


def test_every_way_finds_an_entry_by_its_own_name(entries: list[Entry]) -> None:
    few = [entry for entry in entries if entry.key in ("ket_hon", "khai_tu", "tam_tru", "sao_y_ban_chinh")]
    library = Library.from_entries(few)
    questions = [Question(id=one.key, question=one.plain_name, expected_key=one.key) for one in few]
    asked = asked_of(questions, library)
    assert len(asked) == len(few)
    for rival in rivals():
        assert measure(rival, few, asked).within(1) == 1.0, (rival.name, rival.over, rival.accents)


@pytest.mark.parametrize("words", ["", "😀", '"; drop table t', "NEAR(a b) OR *", "xyzt"])
def test_no_way_trips_over_a_question(entries: list[Entry], words: str) -> None:
    for rival in rivals():
        assert len(rival.build(entries[:20])(words)) <= 10


def test_made_up_entries_are_new_and_the_same_every_time(entries: list[Entry]) -> None:
    made = sized(entries, len(entries) + 300)
    assert made == sized(entries, len(entries) + 300)
    assert len({entry.key for entry in made}) == len(made)
    assert made[: len(entries)] == entries
    assert len(sized(entries, 250)) == 250
    assert len({record.code for record in records(entries, 300)}) == 300


def test_costly_messages_are_as_long_as_they_may_be(entries: list[Entry]) -> None:
    made = inputs(entries)
    assert all(0.85 * LENGTH < len(text) <= LENGTH for text in made.values())
    assert made == inputs(entries)


def test_a_plot_is_svg_with_every_point_inside() -> None:
    drawn = as_svg("A < B", ("x", "y"), [Line("p50", "#000", [(250, 0.9), (10_000, 170.0)])])
    root = ET.fromstring(drawn)
    dots = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len(dots) == 2
    for dot in dots:
        assert 0 < float(dot.attrib["cx"]) < WIDTH
        assert 0 < float(dot.attrib["cy"]) < HEIGHT
