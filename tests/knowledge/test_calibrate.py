"""Calibration: phrasings held out, folds that keep families together, thresholds that move only for gain."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.__main__ import main
from knowledge.evaluation.calibrate import (
    Bench,
    Case,
    Memory,
    Remembering,
    Trial,
    balanced,
    calibrate,
    cases_of,
    fit,
    folds_of,
    moves_of,
    outcome,
    probe_cases,
)
from knowledge.evaluation.probes import ROUNDS, held_out
from knowledge.evaluation.questions import Question
from knowledge.library import Library
from knowledge.schema import Entry
from knowledge.thresholds import FILE, Thresholds, thresholds
from knowledge.understand import Context, after, understand
from tests.knowledge.planted import put, real

KEYS = ("khai_sinh", "ket_hon", "khai_tu", "tam_tru", "thuong_tru", "sao_y_ban_chinh")
TIMID = Thresholds.model_validate(
    thresholds().model_dump() | {"confirm": 0.5, "lonely": 0.6, "sure": 0.8, "very_sure": 0.9}
)


@pytest.fixture(scope="module")
def few(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.key in KEYS]


def question(number: str, text: str, *expected: str, **more: Any) -> Question:
    return Question(id=number, question=text, expected=expected, **more)


def case(library: Library, *asked: Question) -> Case:
    return cases_of(asked, library)[-1]


def test_each_phrasing_is_asked_once_of_a_library_without_it(few: list[Entry]) -> None:
    asked: list[tuple[str | None, str]] = []
    for one in held_out(few, range(ROUNDS)):
        for probe in one.questions:
            entry = one.library.entry(probe.expected_key or "")
            assert entry is not None
            assert probe.question not in entry.phrasings
            asked.append((probe.expected_key, probe.question))
    assert sorted(asked, key=str) == sorted(((e.key, p) for e in few for p in e.phrasings), key=str)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (question("1", "làm khai sinh cho bé cần gì", "1.001193"), "right"),
        (question("1", "làm khai sinh cho bé cần gì", "1.000894"), "wrong"),
        (question("1", "tui muốn làm giấy đất", "1.013831"), "offered_many"),
        (question("1", "tui muốn làm giấy đất", "1.001193"), "astray"),
        (question("1", "làm cái kia được không", "1.001193"), "missed"),
        (question("1", "làm cái kia được không", kind="out_of_scope"), "vague"),
        (question("1", "giá vàng hôm nay", kind="out_of_scope"), "refused"),
        (question("1", "làm khai sinh cho bé", kind="out_of_scope"), "wrong"),
        (question("1", "làm khai sinh cho bé", kind="out_of_scope", accept=("khai_sinh",)), "right"),
        (question("1", "đăng ký kết hôn", "1.000894", "1.014064", kind="multi"), "missed"),
        (question("1", "tui muốn làm giấy đất", kind="out_of_scope"), "astray"),
    ],
)
def test_outcomes(library: Library, asked: Question, wanted: str) -> None:
    assert outcome(case(library, asked), thresholds()) == wanted


def test_a_follow_up_is_decided_in_its_conversation(library: Library) -> None:
    first = question("1", "đăng ký kết hôn cần gì", "1.000894")
    assert (
        outcome(case(library, first, question("2", "vậy mất bao lâu", "1.000894", context="1")), thresholds())
        == "right"
    )
    assert outcome(case(library, question("2", "vậy mất bao lâu", "1.000894")), thresholds()) != "right"


def test_what_the_library_cannot_answer_says_nothing_of_thresholds(library: Library) -> None:
    assert cases_of([question("1", "xin giấy phép bay", "9.999999")], library) == []


def test_remembered_ranks_are_the_same(library: Library) -> None:
    remembering = Remembering(library)
    context = after(Context(), understand("làm giấy đất", Context(), library), library)
    keys = [offer.key for offer in context.offered]
    for text in ("tách thửa", "sang tên", "tách thửa", ""):
        assert remembering.rank(keys, text) == library.rank(keys, text)
    assert remembering.rank(keys[:1], "tách thửa") == library.rank(keys[:1], "tách thửa")


@pytest.fixture(scope="module")
def cases(few: list[Entry]) -> list[Case]:
    small = Library.from_entries(few)
    asked = [
        question("1", "be nha tui moi sanh lam giay gi", "1.001193", note="need d001: x"),
        question("2", "lam khai sinh cho be can gi", "1.001193", note="need d001: y"),
        question("3", "còn lệ phí", "1.001193", context="2"),
        question("4", "đăng ký kết hôn ở đâu", "1.000894"),
        question("5", "giá vàng hôm nay", kind="out_of_scope"),
        question("6", "sao y mấy tờ", "sao_y_ban_chinh"),
    ]
    return balanced(cases_of(asked, small), probe_cases(held_out(few, (0, 4))))


def test_probes_weigh_as_much_as_questions(cases: list[Case]) -> None:
    weights = {probe: sum(one.weight for one in cases if one.probe is probe) for probe in (True, False)}
    assert weights[True] == pytest.approx(weights[False])


def test_folds_keep_families_together_and_lose_nothing(cases: list[Case]) -> None:
    folds = folds_of(cases, 3)
    assert sorted(place for fold in folds for place in fold) == list(range(len(cases)))
    for probe in (True, False):
        families = [{cases[place].family for place in fold if cases[place].probe is probe} for fold in folds]
        assert sum(map(len, families)) == len(set().union(*families))
    assert folds == folds_of(cases, 3)


def test_what_is_remembered_is_what_would_be_decided(cases: list[Case]) -> None:
    """Also after thresholds that agree in some of the values, whatever the order they are tried in."""
    bench, chance = Bench(cases), random.Random(7)
    limits = thresholds()
    for _ in range(40):
        moves = [moved for name in Thresholds.model_fields for moved in moves_of(limits, name)]
        limits = chance.choice([thresholds(), *moves])
        assert bench.outcomes(limits) == [outcome(case, limits) for case in cases]


def test_a_threshold_no_decision_looks_at_decides_nothing_anew(library: Library) -> None:
    memory = Memory(
        case(library, question("1", "vợ mới đẻ, giờ làm giấy khai sinh cho thằng nhỏ", "1.001193"))
    )
    first, moved = Trial(thresholds()), Trial(thresholds().model_copy(update={"pick": 0.9}))
    assert memory.outcome(first) == memory.outcome(moved) == "offered"
    assert first.seen
    assert not moved.seen


def test_fitting_pays(cases: list[Case]) -> None:
    bench, members = Bench(cases), range(len(cases))
    fitted = fit(bench, TIMID, members)
    assert bench.worth(fitted, members) > bench.worth(TIMID, members)
    assert fit(bench, TIMID, members) == fitted


def test_a_fold_knows_nothing_of_its_own_members(cases: list[Case]) -> None:
    report = calibrate(Bench(cases), TIMID, 3)
    for fold in report.folds:
        others = [one for place, one in enumerate(cases) if place not in fold.members]
        assert fit(Bench(others), TIMID, range(len(others))) == fold.limits
    assert sum(len(fold.members) for fold in report.folds) == len(cases)
    assert report.pooled("new").n == len(cases)


def test_nothing_to_learn_from_changes_nothing() -> None:
    report = calibrate(Bench([]), thresholds())
    assert report.proposed == thresholds()
    assert not report.pays


@pytest.fixture
def small_root(tmp_path: Path) -> Path:
    root = tmp_path / "procedures"
    for place in ("ho_tich/khai_sinh", "ho_tich/ket_hon", "cu_tru/tam_tru"):
        put(root, real(place))
    return root


def test_the_command_proposes_and_writes_only_what_pays(
    small_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "choosing.yaml"
    target.write_text(FILE.read_text("utf-8"), "utf-8")
    arguments = ["--root", str(small_root), "calibrate", "--folds", "2", "--rounds", "0"]
    assert main(arguments) == 0
    assert "câu mẫu giấu đi" in capsys.readouterr().out
    code = main([*arguments, "--write", str(target)])
    told = capsys.readouterr()
    written = yaml.safe_load(target.read_text("utf-8"))["thresholds"]
    assert (code, "Đã ghi" in told.out, written != thresholds().model_dump()) in (
        (0, True, True),
        (1, False, False),
    )
