"""What is no question about a procedure, told apart on messages of many kinds; and its two means."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import SAMPLE_WARD, Settings
from knowledge.evaluation.judge import Verdict, judge_all
from knowledge.evaluation.questions import read_questions
from knowledge.learning.rules import measured_by
from knowledge.library import Library
from knowledge.messages import groups
from knowledge.scope import Signs, scope, signs
from knowledge.text import normalize
from knowledge.understand import Context, understand
from tests.support.house import furnish
from wsgi import House

QUESTIONS = Path(__file__).parent / "questions"
pytestmark = pytest.mark.xdist_group("other")
OTHER = QUESTIONS / "other.jsonl"


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    folder = tmp_path_factory.mktemp("house")
    house = House(Settings(database_url=f"sqlite:///{furnish(folder)}/ward.db", ward_dir=SAMPLE_WARD))
    return judge_all(read_questions([OTHER]), house.library, house.voice(None)(house.library))


def right(verdicts: list[Verdict], kind: str | None = None) -> float:
    asked = [one for one in verdicts if kind is None or one.question.kind == kind]
    return sum(one.solved for one in asked) / len(asked)


def test_most_end_as_their_kind_should(verdicts: list[Verdict]) -> None:
    assert len(verdicts) > 300
    assert right(verdicts) >= 0.92
    assert right(verdicts, "out_of_scope") >= 0.9
    assert right(verdicts, "complaint") >= 0.9


@pytest.mark.parametrize("kind", ["emergency", "privacy", "human"])
def test_what_must_not_be_missed_is_not(verdicts: list[Verdict], kind: str) -> None:
    assert right(verdicts, kind) == 1


def test_hardly_any_gets_choices_or_an_answer(verdicts: list[Verdict]) -> None:
    astray = [one.question.id for one in verdicts if one.false or (one.told.choices and not one.offered)]
    assert len(astray) <= 0.04 * len(verdicts), astray


def test_the_samples_are_not_what_measures() -> None:
    files = sorted(QUESTIONS.glob("*.jsonl"))
    asked = {f"{path.stem} {one.id}": one.question for path in files for one in read_questions([path])}
    samples = [text for group in groups().values() for text in group.say]
    assert measured_by(samples, asked) == []


# --- likeness to samples


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("bữa nay giá vàng nhẫn bán ra nhiêu vậy em", "out_of_scope"),
        ("vợ chồng tui cự nhau hoài làm sao đây", "out_of_scope"),
        ("muốn mua cây súng hơi bắn chim", "other_authority"),
        ("hình căn cước em gửi hồi nãy xóa giùm", "privacy"),
        ("hàng bông bày ra chiếm lối đi hết trơn", "feedback"),
    ],
)
def test_a_message_like_the_samples(library: Library, text: str, name: str) -> None:
    understood = understand(text, Context(), library)
    assert understood.intent is not None
    assert understood.intent.name == name


@pytest.mark.parametrize("text", ["vay ngân hàng cần giấy độc thân", "bán đất thì ra phường ký giấy gì"])
def test_a_procedure_goes_before_the_samples(library: Library, text: str) -> None:
    assert understand(text, Context(), library).intent is None


# --- nothing known of it


@pytest.mark.parametrize("text", ["cho hỏi vụ con tàu vũ trụ", "cái máy xay sinh tố này mấy oát vậy"])
def test_what_nobody_knows_is_beyond(library: Library, text: str) -> None:
    assert understand(text, Context(), library).outcome == "beyond"


def test_words_that_no_entry_near_holds_count_against_it(library: Library) -> None:
    said = normalize("xin giấy phép phóng vệ tinh")
    found = library.search_reviewed(said)
    assert library.index.uncovered(said, [one.key for one in found[:3]]) > 0.3
    assert library.index.uncovered(normalize("làm giấy khai sinh"), ["khai_sinh"]) == 0


def test_a_slip_is_no_strange_word(library: Library) -> None:
    typed = normalize("lam giay khai snh")
    assert library.index.uncovered(typed, ["khai_sinh"]) == 0


def test_signs_and_their_weights(library: Library) -> None:
    said = normalize("đăng ký khai sinh cần giấy gì")
    sure = signs(said, library.search_reviewed(said), None, library.index)
    assert sure.cues == 3
    assert sure.concepts >= 1
    assert scope().likelihood(sure) > 0.95
    assert scope().likelihood(Signs(-4.0, 1.0, 0, 0, 0)) < 0.05
