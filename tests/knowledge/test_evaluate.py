"""Verdicts, figures and the page, by what the citizen gets."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from knowledge.__main__ import main
from knowledge.evaluation.figures import Share, as_text, blocks, calibration, confusions
from knowledge.evaluation.judge import Told, Verdict, judge, judge_all, right_keys, understanding_only
from knowledge.evaluation.page import as_page, faults_of
from knowledge.evaluation.questions import Question, read_questions
from knowledge.evaluation.reasons import REASONS
from knowledge.library import Library
from knowledge.search import Candidate

BIRTH, WEDDING = "1.001193", "1.000894"


def question(number: str, text: str, expected: tuple[str, ...] = (), **more: Any) -> Question:
    return Question(id=number, question=text, expected=expected, **more)


def judged(library: Library, *questions: Question) -> list[Verdict]:
    return judge_all(questions, library, understanding_only(library))


def told(outcome: str, key: str | None = None, score: float | None = None, **more: Any) -> Told:
    found = () if score is None else (Candidate(key or "", score),)
    return Told(outcome, key, candidates=found, **more)


def test_right_answer_facet_and_place(library: Library) -> None:
    (verdict,) = judged(library, question("1", "làm khai sinh cho bé cần giấy gì", (BIRTH,), facet="ho_so"))
    assert verdict.held
    assert verdict.top1
    assert verdict.right
    assert verdict.solved
    assert verdict.facet
    assert not verdict.wrong
    assert faults_of(verdict) == []


def test_wrong_answer(library: Library) -> None:
    (verdict,) = judged(library, question("1", "làm khai sinh cho bé", (WEDDING,)))
    assert verdict.wrong
    assert not verdict.solved
    assert faults_of(verdict) == ["wrong", "unsolved"]


def test_offered_counts_as_solved(library: Library) -> None:
    (verdict,) = judged(library, question("1", "tui muốn làm giấy đất", ("1.013831",)))
    assert verdict.offered
    assert verdict.solved
    assert not verdict.right


def test_code_the_library_does_not_hold(library: Library) -> None:
    (verdict,) = judged(library, question("1", "thả diều ban đêm ở đâu", ("9.999999",)))
    assert not verdict.held
    assert verdict.refused
    assert not verdict.solved


@pytest.mark.parametrize(
    ("kind", "outcome", "fine"),
    [
        ("complaint", "feedback", True),
        ("complaint", "formal_complaint", True),
        ("complaint", "smalltalk", False),
        ("human", "human", True),
        ("human", "handover", True),
        ("smalltalk", "smalltalk", True),
        ("smalltalk", "out_of_scope", False),
        ("out_of_scope", "out_of_scope", True),
        ("out_of_scope", "other_authority", True),
        ("out_of_scope", "handover", True),
        ("health_out_of_scope", "clarify", False),
        ("emergency", "emergency", True),
    ],
)
def test_a_turn_about_no_procedure_ends_as_its_kind_should(
    library: Library, kind: str, outcome: str, fine: bool
) -> None:
    verdict = judge(question("1", "…", kind=kind), told(outcome), library)
    assert verdict.solved is fine
    assert verdict.refused
    assert not verdict.false


def test_a_procedure_told_where_none_was_asked_is_a_false_answer(library: Library) -> None:
    asked = question("1", "…", kind="out_of_scope")
    verdict = judge(asked, told("answered", "khai_sinh"), library)
    assert verdict.false
    assert verdict.wrong
    assert not verdict.solved
    assert not verdict.pointer


def test_a_pointer_where_none_was_asked_has_its_own_column(library: Library) -> None:
    pointer = next(entry for entry in library.entries() if entry.kind == "pointer")
    asked = question("1", "…", kind="out_of_scope")
    verdict = judge(asked, told("other_authority", pointer.key), library)
    assert not verdict.false
    assert verdict.pointer
    accepted = judge(
        question("1", "…", kind="out_of_scope", accept=(pointer.key,)),
        told("other_authority", pointer.key),
        library,
    )
    assert accepted.solved
    assert not accepted.pointer


def test_what_was_only_thought_of_is_no_answer(library: Library) -> None:
    """The handed-over question of an ended law names its entry, and tells nothing of it."""
    verdict = judge(question("1", "…", (WEDDING,)), told("handover", "khai_sinh"), library)
    assert not verdict.wrong
    assert not verdict.solved
    assert verdict.refused


def test_accepted_code_is_right_too(library: Library) -> None:
    out, procedure = judged(
        library,
        question("1", "làm khai sinh cho bé", kind="out_of_scope", accept=(BIRTH,)),
        question("2", "làm khai sinh cho bé", (WEDDING,), accept=(BIRTH,)),
    )
    assert out.solved
    assert not out.wrong
    assert procedure.right


def test_all_codes_are_needed_for_multi(library: Library) -> None:
    both = question("1", "…", (WEDDING, "1.014064"), kind="multi")
    wedding, card = right_keys(both, library)
    offers = told("clarify", choices=(*wedding, *card, "khai_sinh"))
    assert judge(both, offers, library).solved
    assert not judge(both, told("answered", *wedding), library).solved
    assert not judge(both, told("clarify", choices=("khai_sinh", *wedding)), library).solved


def test_names_and_keys_stand_for_codes_where_there_is_none(library: Library) -> None:
    entry = next(entry for entry in library.entries() if entry.code is None)
    assert right_keys(question("1", "?", (entry.official_name,)), library) == [{entry.key}]
    assert right_keys(question("1", "?", (entry.key,)), library) == [{entry.key}]
    assert right_keys(question("1", "?", ("tên cũ",), expected_key=entry.key), library) == [{entry.key}]


def test_context_leads_to_the_earlier_question(library: Library) -> None:
    first = question("1", "đăng ký kết hôn cần gì", (WEDDING,))
    more = {"context": "1", "kind": "followup", "facet": "thoi_han"}
    verdict = judged(library, first, question("2", "vậy mất bao lâu", (WEDDING,), **more))[1]
    assert verdict.right
    assert verdict.told.outcome == "followup"
    assert verdict.facet
    spoken = question("3", "vậy mất bao lâu", (WEDDING,), context=("đăng ký kết hôn cần gì",))
    assert judged(library, spoken)[0].right


def test_a_circle_of_contexts_ends(library: Library) -> None:
    asked = [question("1", "a", context="2"), question("2", "b", context="1")]
    assert len(judged(library, *asked)) == 2


@pytest.mark.parametrize(
    ("count", "n", "low", "high"), [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0)]
)
def test_wilsons_interval(count: int, n: int, low: float, high: float) -> None:
    assert Share(count, n).interval == pytest.approx((low, high), abs=0.001)


def test_nothing_counted_says_nothing() -> None:
    assert Share(0, 0).interval == (0.0, 1.0)
    assert blocks([]) == []
    assert as_text([]) == ""


def test_rows_by_kind_and_facet_add_up(library: Library) -> None:
    asked = [
        question("1", "làm khai sinh cho bé cần giấy gì", (BIRTH,), facet="ho_so"),
        question("2", "lam khai sinh mat bao lau", (BIRTH,), facet="thoi_han", kind="nodiac"),
        question("3", "giá vàng hôm nay", kind="out_of_scope"),
    ]
    by_kind, by_facet, others = blocks(judged(library, *asked))
    assert [row[0] for row in by_kind.rows] == ["clean", "nodiac", "TỔNG"]
    assert [row[0] for row in by_facet.rows] == ["ho_so", "thoi_han", "TỔNG"]
    assert sum(n for name, n, _ in by_kind.rows if name != "TỔNG") == by_kind.rows[-1][1] == 2
    assert others.rows[-1][1] == 1


def test_calibration_compares_scores_with_what_was_right(library: Library) -> None:
    asked = question("1", "…", (BIRTH,))
    verdicts = [judge(asked, told("answered", "khai_sinh", 0.85), library) for _ in range(3)]
    verdicts += [judge(asked, told("answered", "ket_hon", 0.85), library)]
    verdicts += [judge(asked, told("followup", "khai_sinh"), library)]
    found = calibration(verdicts)
    assert found.n == 4
    (one,) = found.bins
    assert (one.low, one.mean, str(one.right)[:5]) == (0.8, pytest.approx(0.85), "75.0%")
    assert found.ece == pytest.approx(0.10)
    assert found.brier == pytest.approx((3 * 0.15**2 + 0.85**2) / 4)


def test_a_full_score_belongs_to_the_last_bin(library: Library) -> None:
    verdict = judge(question("1", "…", (BIRTH,)), told("answered", "khai_sinh", 1.0), library)
    assert calibration([verdict]).bins[0].low == 0.9


def test_confusions_name_both_sides(library: Library) -> None:
    asked = question("1", "…", (BIRTH,))
    wrong = judge(asked, told("answered", "ket_hon", 0.8), library)
    ranked = judge(asked, Told("clarify", candidates=(Candidate("ket_hon", 0.4),)), library)
    pairs = confusions([wrong, ranked, wrong])
    assert [(took, answered, first) for _, took, answered, first in pairs] == [("ket_hon", 2, 1)]
    assert "khai_sinh" in pairs[0][0]


@pytest.fixture
def question_file(tmp_path: Path) -> Path:
    rows = [
        {"id": "1", "question": "làm khai sinh", "expected": [BIRTH], "facet": "tong_quan", "kind": "clean"},
        {"id": "2", "question": "giá vàng", "expected": [], "kind": "out_of_scope", "context": None},
        {
            "id": "3",
            "question": "xin giấy phép bay <b>flycam</b>",
            "expected": ["9.999999"],
            "facet": "ho_so",
        },
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n\n", "utf-8")
    return path


def test_evaluate_command(question_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(question_file), "--show", "unsolved"]) == 0
    out = capsys.readouterr().out
    assert "flycam" in out
    assert out.count("TỔNG") == 5
    assert "Nhầm việc" in out or "Điểm có đáng tin không" in out


def test_the_page_shows_every_miss_and_nothing_else(
    question_file: Path, tmp_path: Path, library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "new" / "page.html"
    assert main(["evaluate", str(question_file), "--html", str(page)]) == 0
    html = page.read_text("utf-8")
    missed = [one for one in judged(library, *read_questions([question_file])) if faults_of(one)]
    assert html.count("<article") == len(missed) > 0
    assert "&lt;b&gt;flycam" in html
    assert "<b>flycam" not in html
    assert "http" not in html
    assert str(page) in capsys.readouterr().out


def test_the_page_says_why_a_candidate_scored(library: Library) -> None:
    verdicts = judged(library, question("1", "làm khai sinh cho bé", (WEDDING,)))
    html = as_page(verdicts, library, datetime(2026, 11, 25, 9, 0))
    assert "các câu gần +0." in html
    assert "<code>ket_hon</code>" in html
    assert "09:00 ngày 25/11/2026" in html


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_and_filters(browser: Browser, library: Library, tmp_path: Path, width: int) -> None:
    verdicts = judged(
        library,
        question("1", "làm khai sinh cho bé", (WEDDING,)),
        question("2", "xin giấy phép bay flycam", ("9.999999",), kind="story"),
        question("3", "cho tui hỏi " + "a" * 300, (BIRTH,), kind="story"),
    )
    path = tmp_path / "page.html"
    path.write_text(as_page(verdicts, library, datetime(2026, 11, 25, 9, 0)), "utf-8")
    page = browser.new_page(viewport={"width": width, "height": 740})
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.text_content("#shown") == "3"
    page.select_option("[name=fault]", "wrong")
    assert page.locator("article:visible").count() == 1
    page.select_option("[name=fault]", "")
    page.select_option("[name=kind]", "story")
    assert page.text_content("#shown") == "2"
    page.fill("[name=words]", "GIAY PHEP BAY")
    assert page.locator("article:visible").count() == 1
    page.emulate_media(media="print")
    assert page.locator("#filters").is_hidden()
    page.close()


def test_every_evidence_has_a_name_for_officials(library: Library) -> None:
    for text in ("làm khai sinh cho bé", "vợ tôi sanh đôi, má chồng mới mất, giờ làm giấy tờ gì. " * 4):
        for candidate in library.search(text):
            names = {name for name in candidate.why if name[0] not in "+-"}
            assert names <= set(REASONS)


def test_search_command_explains(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "lam khai sanh cho be", "--explain"]) == 0
    out = capsys.readouterr().out
    assert "khai_sinh" in out
    assert "các câu gần +" in out
    assert "đủ chắc để trả lời" in out
    assert main(["search", "giấy", "--explain"]) == 0
    assert main(["search", "", "--explain"]) == 0
    assert "không có thẻ nào gần" in capsys.readouterr().out


def test_build_and_check_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--db", str(tmp_path / "library.db")]) == 0
    assert (tmp_path / "library.db").exists()
    assert main(["check"]) == 0
    assert "0 lỗi" in capsys.readouterr().out


def test_check_command_fails_on_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ho_tich").mkdir()
    (tmp_path / "ho_tich" / "hong.yaml").write_text("key: hong\n", "utf-8")
    assert main(["--root", str(tmp_path), "check"]) == 1
    assert "hong.yaml" in capsys.readouterr().out
    assert main(["--root", str(tmp_path), "build", "--db", str(tmp_path / "x.db")]) == 1
    assert "hong.yaml" in capsys.readouterr().err


def test_ask_is_handed_to_the_owner() -> None:
    seen: list[Any] = []

    def owner(args: Any) -> int:
        seen.append(args)
        return 7

    assert main(["ask", "làm khai sinh", "--jsonl"], ask=owner) == 7
    assert seen[0].text == "làm khai sinh"
    assert seen[0].jsonl
