"""Smart questions: every shipped guide is sound, and an error of each kind is found."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.library import Library
from knowledge.load import PROCEDURES, EntryError, load_entry
from knowledge.path_checks import check_paths
from knowledge.paths import MOST_OPTIONS, MOST_QUESTIONS, Guide, load_all, load_path, load_paths
from knowledge.personal import for_person
from knowledge.replies import meant
from knowledge.schema import Entry
from knowledge.text import normalize

FOLDER = PROCEDURES.parent / "guides"
GUIDES = load_all(FOLDER, Guide)
WALKS = [(guide, answers) for guide in GUIDES for answers in guide.paths()]
NAMED = [f"{guide.key}-{''.join(map(str, answers))}" for guide, answers in WALKS]
TODAY = date(2026, 11, 25)
ENTRIES = {entry.key: entry for path in sorted(PROCEDURES.glob("*/*.yaml")) for entry in [load_entry(path)]}
Raw = dict[str, Any]
each_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.key)


# --- what is shipped


def test_the_deciding_words_of_the_ward_are_asked() -> None:
    """In or out of wedlock, a foreigner, in time or late, land with or without a deed."""
    wanted = {("khai_sinh", "hon_thu"), ("khai_sinh", "nuoc_ngoai"), ("khai_sinh", "trong_han"),
              ("ket_hon", "nuoc_ngoai"), ("khai_tu", "trong_han"), ("so_dat", "so_ra_sao")}  # fmt: skip
    assert wanted <= {(guide.key, name) for guide in GUIDES for name in guide.questions}


@pytest.mark.parametrize(("guide", "answers"), WALKS, ids=NAMED)
def test_every_path_ends_at_an_entry_in_force(guide: Guide, answers: tuple[int, ...]) -> None:
    assert len(answers) <= MOST_QUESTIONS
    at = guide.follow(answers)
    assert at is not None
    assert at.question is None
    assert at.outcome is not None
    entry = ENTRIES[guide.outcomes[at.outcome].entry]
    assert entry.kind != "superseded"
    assert entry.effective_to is None or entry.effective_to >= TODAY


@each_guide
def test_no_question_comes_twice_on_a_path(guide: Guide) -> None:
    for answers in guide.paths():
        asked = [guide.follow(answers[:length]) for length in range(len(answers))]
        names = [at.question for at in asked if at is not None]
        assert len(set(names)) == len(names) == len(answers)


@each_guide
def test_every_question_and_outcome_is_reached(guide: Guide) -> None:
    ends = {at.outcome for answers in guide.paths() if (at := guide.follow(answers)) is not None}
    asked = {
        at.question
        for answers in guide.paths()
        for length in range(len(answers))
        if (at := guide.follow(answers[:length])) is not None
    }
    assert ends == set(guide.outcomes)
    assert asked == set(guide.questions)


@each_guide
def test_options_can_be_told_apart(guide: Guide) -> None:
    for question in guide.questions.values():
        assert 2 <= len(question.options) <= MOST_OPTIONS
        for number, option in enumerate(question.options, 1):
            for typed in (option.label, normalize(option.label).plain, option.label.upper(), str(number)):
                assert meant(question, normalize(typed)).option == number, typed


@each_guide
def test_whoever_does_not_know_is_helped(guide: Guide) -> None:
    for question in guide.questions.values():
        assert question.help or question.safe
        assert meant(question, normalize("hổng biết")).unsure


@pytest.mark.parametrize(("guide", "answers"), WALKS, ids=NAMED)
def test_the_checklist_holds_the_papers_of_the_case_and_no_others(
    guide: Guide, answers: tuple[int, ...]
) -> None:
    at = guide.follow(answers)
    assert at is not None
    entry = ENTRIES[guide.outcomes[at.outcome or ""].entry]
    own = {paper.name for paper in for_person(entry, at.cases, at.leaves_out).documents}
    for paper in entry.documents:
        left_out = any(paper.name.startswith(start) for start in at.leaves_out)
        theirs = (paper.when is None or paper.when in at.cases) and not left_out
        assert (paper.name in own) == theirs or _named_twice(entry, paper.name)


def _named_twice(entry: Entry, name: str) -> bool:
    return [paper.name for paper in entry.documents].count(name) > 1


def test_different_answers_give_different_papers() -> None:
    """The word that decides is worth its question: some paper, time, fee or entry hangs on it."""
    told = set()
    for answers in [(1, 1, 1, 1, 1), (1, 1, 1, 2, 1), (1, 1, 3, 1, 1)]:
        guide = next(guide for guide in GUIDES if guide.key == "khai_sinh")
        at = guide.follow(answers)
        assert at is not None
        own = for_person(ENTRIES["khai_sinh"], at.cases, at.leaves_out)
        told.add(tuple(paper.name for paper in own.documents))
    assert len(told) == 3


def test_a_guide_opens_from_the_entries_it_names() -> None:
    library = Library.from_entries(ENTRIES.values(), load_paths())
    for guide in GUIDES:
        for key in guide.starts_for:
            assert library.guide_for(key) == guide


def test_answers_that_do_not_fit_lead_nowhere() -> None:
    guide = GUIDES[0]
    assert guide.follow((9,)) is None
    end = next(guide.paths())
    assert guide.follow((*end, 1)) is None


# --- planted errors

SOUND: Raw = {
    "key": "mau",
    "title": "Bộ câu hỏi mẫu",
    "starts_for": ["khai_sinh"],
    "start": "mot",
    "questions": {
        "mot": {
            "text": "Bé có giấy chứng sinh không ạ?",
            "help": "Giấy nơi sinh đưa cho mẹ khi bé ra đời.",
            "options": [
                {"label": "Có", "means": "yes", "outcome": "ra"},
                {"label": "Không có", "means": "no", "ask": "hai"},
            ],
        },
        "hai": {
            "text": "Bé sinh được bao lâu rồi ạ?",
            "help": "Mình đếm từ ngày sinh của bé.",
            "options": [
                {"label": "Trong 60 ngày", "cases": ["đăng ký trong hạn 60 ngày"], "outcome": "ra"},
                {"label": "Quá 60 ngày", "cases": ["đăng ký quá hạn"], "outcome": "ra"},
            ],
        },
    },
    "outcomes": {"ra": {"entry": "khai_sinh"}},
    "sources": [{"id": "the", "title": "Thẻ thủ tục"}],
    "verified_on": "2026-11-21",
}


def written(root: Path, spoil: Callable[[Raw], object]) -> Path:
    raw = copy.deepcopy(SOUND)
    spoil(raw)
    path = root / "guides" / "mau.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return path


def errors(root: Path, today: date = TODAY, entries: list[Entry] | None = None) -> list[str]:
    shelf = list(ENTRIES.values()) if entries is None else entries
    return [
        f"{where}: {what}"
        for level, where, what in check_paths(root / "procedures", shelf, today)
        if level == "error"
    ]


def question(raw: Raw, name: str = "mot") -> Raw:
    found: Raw = raw["questions"][name]
    return found


def option(raw: Raw, name: str = "mot", number: int = 0) -> Raw:
    found: Raw = question(raw, name)["options"][number]
    return found


def test_the_sound_one_passes(tmp_path: Path) -> None:
    written(tmp_path, lambda raw: None)
    assert errors(tmp_path) == []


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda raw: option(raw, "hai").update(ask="mot", outcome=None), "a loop through 'mot'"),
        (lambda raw: option(raw, "hai").update(ask="ba", outcome=None), "no question 'ba'"),
        (lambda raw: option(raw).update(outcome="dau"), "no outcome 'dau'"),
        (lambda raw: option(raw).pop("outcome"), "leads to a question or to an outcome"),
        (lambda raw: option(raw).update(ask="hai"), "leads to a question or to an outcome"),
        (lambda raw: raw["outcomes"].update(khac={"entry": "khai_tu"}), "never reached: khac"),
        (lambda raw: raw["questions"].update(ba=question(raw, "hai")), "never reached: ba"),
        (lambda raw: option(raw, number=1).update(label="có"), "two options with the same label"),
        (lambda raw: option(raw, number=1).update(means="yes"), "mean the same yes or no"),
        (lambda raw: [option(raw, number=n).update(if_unsure=True) for n in (0, 1)], "does not know"),
        (lambda raw: question(raw).update(options=[option(raw)]), "at least 2 items"),
        (lambda raw: raw.update(at_once=["khai_tu"]), "at_once, but not in starts_for"),
        (lambda raw: raw.update(key="ten_khac"), "should be named after its key"),
    ],
    ids=["loop", "no question", "no outcome", "nowhere", "two ways", "outcome never reached",
         "question never reached", "same label", "two yes", "two safe", "one option", "at_once", "file name"],
)  # fmt: skip
def test_a_broken_shape_is_not_loaded(tmp_path: Path, spoil: Callable[[Raw], object], told: str) -> None:
    with pytest.raises(EntryError, match=told):
        load_path(written(tmp_path, spoil), Guide)
    assert any(told in error for error in errors(tmp_path))


def test_a_sixth_question_is_refused(tmp_path: Path) -> None:
    def lengthen(raw: Raw) -> None:
        for number in range(3, 8):
            later = copy.deepcopy(question(raw, "hai"))
            option({"questions": {"x": later}}, "x").update(outcome="ra")
            raw["questions"][f"cau{number}"] = later
        chain = ["hai", *(f"cau{number}" for number in range(3, 8))]
        for name, following in zip(chain, chain[1:], strict=False):
            option(raw, name, 1).pop("outcome")
            option(raw, name, 1).update(ask=following)

    with pytest.raises(EntryError, match="more than 5 questions"):
        load_path(written(tmp_path, lengthen), Guide)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda raw: raw["outcomes"]["ra"].update(entry="khong_co_the"), "không có thủ tục"),
        (lambda raw: raw.update(starts_for=["khong_co_the"]), "không có thủ tục"),
        (lambda raw: raw["outcomes"]["ra"].update(entry="khai_nhan_di_san_cu"), "không còn dùng"),
        (lambda raw: option(raw).update(cases=["trường hợp không có"]), "không có trường hợp"),
        (lambda raw: raw["outcomes"]["ra"].update(cases=["trường hợp không có"]), "trường hợp không có"),
        (lambda raw: option(raw).update(leaves_out=["Giấy không có"]), "không có giấy nào tên"),
        (lambda raw: question(raw).pop("help"), "người không biết trả lời"),
        (lambda raw: option(raw, "hai").update(says=["quá 60 ngày"]), "ở hai lựa chọn|không ra lựa chọn"),
        (lambda raw: option(raw).update(says=["có"]), "dùng `means`"),
        (lambda raw: [option(raw, "hai", n).update(says=["đúng hạn"]) for n in (0, 1)], "ở hai lựa chọn"),
        (lambda raw: option(raw).update(says=["(bé|)"]), "trúng cả câu trống"),
    ],
    ids=["outcome's entry", "starting entry", "superseded", "case", "outcome's case", "paper", "no help",
         "label of another", "plain yes", "same words", "empty pattern"],
)  # fmt: skip
def test_a_planted_error_fails_the_check(tmp_path: Path, spoil: Callable[[Raw], object], told: str) -> None:
    written(tmp_path, spoil)
    found = errors(tmp_path)
    assert found
    assert all(error.startswith("guides/mau.yaml") for error in found)
    assert any(part in error for part in told.split("|") for error in found), found


def test_an_entry_out_of_force_fails_the_check(tmp_path: Path) -> None:
    written(tmp_path, lambda raw: None)
    ended = ENTRIES["khai_sinh"].model_copy(update={"effective_to": date(2026, 11, 1)})
    found = errors(
        tmp_path, entries=[*(entry for entry in ENTRIES.values() if entry.key != "khai_sinh"), ended]
    )
    assert any("khai_sinh không còn dùng" in error for error in found)


def test_two_guides_may_not_start_from_one_entry(tmp_path: Path) -> None:
    path = written(tmp_path, lambda raw: None)
    other = copy.deepcopy(SOUND) | {"key": "mau_hai"}
    path.with_name("mau_hai.yaml").write_text(yaml.safe_dump(other, allow_unicode=True), "utf-8")
    assert any("khai_sinh đã mở guides/mau" in error for error in errors(tmp_path))
