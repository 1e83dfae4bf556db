"""From a question asked in vain to a phrasing: only after a person's word, and only when it does no harm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from knowledge.__main__ import main
from knowledge.cli import Outside
from knowledge.evaluation.judge import understanding_only
from knowledge.evaluation.questions import read_questions
from knowledge.learning.candidates import FILE, CandidateError, Candidates
from knowledge.learning.overlay import (
    FILE as OVERLAY,
)
from knowledge.learning.overlay import (
    OverlayError,
    Phrasing,
    by_key,
    read_overlay,
    write_overlay,
)
from knowledge.learning.rules import NEARLY, known_as, measured_by, unfit
from knowledge.learning.trial import compare
from knowledge.library import Library
from knowledge.schema import Entry
from knowledge.text import normalize
from tests.knowledge.planted import put, real

NOON = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
ASKED = "xin cái giấy chim én đưa em bé về"
"""Words that no entry knows."""


@pytest.fixture
def candidates(tmp_path: Path) -> Candidates:
    return Candidates(tmp_path / "var" / FILE)


def offered(candidates: Candidates, text: str = ASKED, key: str | None = "khai_sinh", turn: int = 1) -> bool:
    return candidates.offer(text, "unanswered", key, NOON, turn)


def test_the_same_question_is_one_candidate(candidates: Candidates) -> None:
    assert offered(candidates, key=None)
    assert offered(candidates, "Xin cái  giấy\nchim én đưa em bé về!", turn=2)
    assert offered(candidates, turn=2)
    (one,) = candidates.list()
    assert (one.text, one.seen, one.key, one.state, one.first_at) == (
        ASKED,
        2,
        "khai_sinh",
        "candidate",
        NOON,
    )


@pytest.mark.parametrize(
    "text",
    ["", "giấy", "2", "gọi em 0912345678 nha", "tui là Nguyễn Văn An hỏi giấy", "rất dài " * 30, "\x00\x1b"],
)
def test_what_is_personal_or_no_question_is_no_candidate(candidates: Candidates, text: str) -> None:
    assert not offered(candidates, text)
    assert candidates.list() == []


def test_what_was_refused_is_forgotten_and_never_comes_back(candidates: Candidates) -> None:
    offered(candidates)
    candidates.refuse(1, "Chị Lan", NOON)
    assert not offered(candidates, turn=5)
    assert candidates.list() == []
    assert ASKED.encode() not in candidates.path.read_bytes()
    with pytest.raises(CandidateError, match="đã từ chối"):
        candidates.approve(1, "khai_sinh", "Chị Lan", NOON)


def test_who_approved_and_when_is_kept(candidates: Candidates) -> None:
    offered(candidates)
    candidates.approve(1, "khai_sinh", " Chị Lan ", NOON, "giấy chim én đưa bé về")
    (one,) = candidates.list("approved")
    assert (one.text, one.decided_by, one.decided_at) == ("giấy chim én đưa bé về", "Chị Lan", NOON)
    candidates.applied([1])
    assert candidates.list("approved") == []
    assert [one.id for one in candidates.list("applied")] == [1]


def test_decisions_that_cannot_be_taken(candidates: Candidates) -> None:
    offered(candidates)
    with pytest.raises(CandidateError, match="không có câu số 9"):
        candidates.refuse(9, "Chị Lan", NOON)
    with pytest.raises(CandidateError, match="ai duyệt"):
        candidates.approve(1, "khai_sinh", "  ", NOON)
    with pytest.raises(CandidateError, match="thông tin cá nhân"):
        candidates.approve(1, "khai_sinh", "Chị Lan", NOON, "gọi 0912345678 hỏi khai sinh")
    assert [one.state for one in candidates.list()] == ["candidate"]


def test_candidates_go_with_the_words_of_their_turns(candidates: Candidates) -> None:
    offered(candidates, turn=1)
    offered(candidates, turn=2)
    offered(candidates, "câu khác hẳn của người khác", turn=3)
    assert candidates.open_sources() == {1, 2, 3}
    assert candidates.forget({1, 3}) == 1
    assert [one.text for one in candidates.list()] == [ASKED]
    candidates.approve(1, "khai_sinh", "Chị Lan", NOON)
    assert candidates.forget({2}) == 0
    assert candidates.list("approved")


def test_two_at_once_lose_nothing(candidates: Candidates) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(lambda n: offered(candidates, f"câu hỏi {'abcdefgh'[n % 8]} nào đó", turn=n), range(32))
        )
    assert sum(one.seen for one in candidates.list()) == 32
    assert len(candidates.list()) == 8


def test_the_wards_file_is_read_back(tmp_path: Path) -> None:
    assert read_overlay(tmp_path) == ()
    kept = Phrasing(
        key="khai_sinh", text='"xin" cái: {giấy} # \\n', by="Chị Lan: 'một cửa'", day=date(2026, 11, 28)
    )
    path = write_overlay(tmp_path, [kept])
    assert path.name == OVERLAY
    assert read_overlay(tmp_path) == (kept,)
    assert by_key([kept, kept]) == {"khai_sinh": [kept.text, kept.text]}
    for nothing in ("# nothing yet\n", "phrasings:\n"):
        path.write_text(nothing, "utf-8")
        assert read_overlay(tmp_path) == ()


@pytest.mark.parametrize(
    "text",
    [
        "phrasings: 5",
        "phrasing: []",
        "[",
        "- x",
        "phrasings: [{key: khai_sinh, text: làm giấy}]",
        "phrasings: [{key: Khai Sinh, text: làm giấy, by: Lan, day: 2026-11-28}]",
        "phrasings: [{key: khai_sinh, text: gọi 0912345678, by: Lan, day: 2026-11-28}]",
        "\x00",
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / OVERLAY).write_text(text, "utf-8")
    with pytest.raises(OverlayError, match=OVERLAY):
        read_overlay(tmp_path)


def test_a_library_with_the_wards_phrasings(library: Library) -> None:
    before = library.rank(["khai_sinh"], ASKED)[0].score
    taught = library.with_phrasings({"khai_sinh": [ASKED], "gone": ["x y"]})
    assert taught.search(ASKED)[0].key == "khai_sinh"
    assert taught.rank(["khai_sinh"], ASKED)[0].score > before
    assert library.rank(["khai_sinh"], ASKED)[0].score == before
    assert [one.key for one in taught.bundles()] == [one.key for one in library.bundles()]
    assert library.with_phrasings({}) is library


def test_a_phrasing_that_is_known(library: Library, entries: list[Entry]) -> None:
    entry = entries[0]
    assert known_as(entry.phrasings[0].upper() + " ?", library) == entry.key
    assert known_as(ASKED, library) is None


def test_what_measures_does_not_teach() -> None:
    questions = {"d1": "xin cai giay chim en dua em be ve", "d2": "chuyện khác hẳn"}
    assert measured_by([ASKED, "câu riêng của phường"], questions) == [(ASKED, "d1")]


def test_a_change_is_compared_on_the_librarys_own_phrasings(entries: list[Entry]) -> None:
    few = Library.from_entries(e for e in entries if e.key in ("khai_sinh", "ket_hon", "khai_tu"))
    compared = compare(few, {"khai_sinh": [ASKED]}, understanding_only)
    assert len(compared.before) == len(compared.after) > 0
    assert compared.solved[0].n == len(compared.before)


QUESTIONS = (
    '{"id": "1", "question": "đăng ký kết hôn cần giấy gì", "expected": ["ket_hon"], "facet": "ho_so"}\n'
    '{"id": "2", "question": "làm khai sinh cho bé", "expected": ["khai_sinh"]}\n'
)


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    """A small library, an empty ward's folder and two labelled questions."""
    for place in ("ho_tich/khai_sinh", "ho_tich/ket_hon", "cu_tru/tam_tru"):
        put(tmp_path / "procedures", real(place))
    (tmp_path / "ward").mkdir()
    (tmp_path / "questions.jsonl").write_text(QUESTIONS, "utf-8")
    return tmp_path


def run(ward: Path, *arguments: str) -> int:
    outside = Outside(lambda on: understanding_only, ward / "ward", ward / "var")
    return main(["--root", str(ward / "procedures"), *arguments], assembled=lambda: outside)


def test_from_candidate_to_the_wards_file(
    ward: Path, candidates: Candidates, capsys: pytest.CaptureFixture[str]
) -> None:
    offered(candidates)
    file = str(ward / "questions.jsonl")
    assert run(ward, "phrasings", "list") == 0
    assert f"[khai_sinh] chưa trả lời được  {ASKED}" in capsys.readouterr().out
    assert run(ward, "phrasings", "apply", file) == 0
    assert "Chưa có câu nào được nhận" in capsys.readouterr().out
    assert not (ward / "ward" / OVERLAY).exists()
    assert run(ward, "phrasings", "approve", "1", "--by", "Chị Lan") == 0
    assert not (ward / "ward" / OVERLAY).exists()
    assert run(ward, "phrasings", "apply", file) == 0
    assert "2 câu đo" in capsys.readouterr().out
    (one,) = read_overlay(ward / "ward")
    assert (one.key, one.text, one.by) == ("khai_sinh", ASKED, "Chị Lan")
    assert run(ward, "phrasings", "apply", file) == 0
    assert len(read_overlay(ward / "ward")) == 1


def test_a_change_that_lowers_the_figures_is_refused(
    ward: Path, candidates: Candidates, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody approved a question about gold for births."""
    offered(candidates, "giá vàng sáng nay lên hay xuống")
    assert run(ward, "phrasings", "approve", "1", "--by", "Chị Lan") == 0
    other = ward / "other.jsonl"
    gold = '{"id": "3", "question": "cho hỏi giá vàng sáng nay lên hay xuống vậy em", "kind": "out_of_scope"}'
    other.write_text(QUESTIONS + gold, "utf-8")
    assert run(ward, "phrasings", "apply", str(other)) == 1
    told = capsys.readouterr().err
    assert "KHÔNG dùng" in told
    assert "out_of_scope → khai_sinh" in told
    assert not (ward / "ward" / OVERLAY).exists()
    assert [one.state for one in candidates.list("approved")] == ["approved"]
    assert run(ward, "phrasings", "refuse", "1", "--by", "Chị Lan") == 0
    assert candidates.list("approved") == []


def test_a_measuring_question_is_refused_as_a_phrasing(
    ward: Path, candidates: Candidates, capsys: pytest.CaptureFixture[str]
) -> None:
    offered(candidates, "dang ky ket hon can giay gi", key="ket_hon")
    assert run(ward, "phrasings", "approve", "1", "--by", "Chị Lan") == 0
    assert run(ward, "phrasings", "apply", str(ward / "questions.jsonl")) == 1
    assert "gần như là câu 1" in capsys.readouterr().err
    assert not (ward / "ward" / OVERLAY).exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("approve", "9", "--by", "Lan"), "không có câu số 9"),
        (("approve", "1", "--by", "Lan"), "cho biết thẻ bằng --key"),
        (("approve", "1", "--key", "gone", "--by", "Lan"), "không có thẻ gone"),
        (
            ("approve", "1", "--key", "ket_hon", "--text", "Làm khai sinh nghen", "--by", "Lan"),
            "đã là câu mẫu",
        ),
        (("refuse", "9", "--by", "Lan"), "không có câu số 9"),
    ],
)
def test_decisions_refused_by_the_command(
    ward: Path,
    candidates: Candidates,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    raw = real("ho_tich/khai_sinh")
    put(ward / "procedures", raw | {"phrasings": [*raw["phrasings"][:9], "làm khai sinh nghen"]})
    offered(candidates, key=None)
    assert run(ward, "phrasings", *arguments) == 1
    assert told in capsys.readouterr().err


def test_questions_asked_in_vain_become_labelled_ones(
    ward: Path, candidates: Candidates, capsys: pytest.CaptureFixture[str]
) -> None:
    offered(candidates)
    offered(candidates, "=HYPERLINK(xem) giấy tờ", key=None, turn=2)
    table, file = ward / "phuong.csv", ward / "phuong.jsonl"
    assert run(ward, "questions", "export", str(table)) == 0
    text = table.read_bytes().decode("utf-8")
    assert text.startswith("\ufeffmã câu,câu hỏi")
    assert "'=HYPERLINK" in text
    assert run(ward, "questions", "import", str(table), str(file)) == 1
    assert "chưa ghi thủ tục đúng" in capsys.readouterr().err
    assert not file.exists()
    labelled = "".join(line for line in text.splitlines(keepends=True) if "HYPERLINK" not in line)
    table.write_bytes(labelled.encode())
    assert run(ward, "questions", "import", str(table), str(file)) == 0
    (one,) = read_questions([file])
    assert (one.id, one.question, one.expected) == ("phuong-1", ASKED, ("khai_sinh",))
    assert run(ward, "questions", "import", str(table), str(file)) == 1
    assert "đã có trong tệp nhận" in capsys.readouterr().err
    assert run(ward, "evaluate", str(file), str(ward / "questions.jsonl")) == 0


def test_labels_that_no_entry_has_and_personal_words_are_refused(
    ward: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = ward / "a.csv"
    rows = ["câu hỏi,thủ tục đúng", "làm gì,khai_sin", "gọi 0912345678,khai_sinh", "bay flycam,9.999999"]
    table.write_text("\n".join(rows), "utf-8-sig")
    assert run(ward, "questions", "import", str(table), str(ward / "a.jsonl")) == 1
    told = capsys.readouterr().err
    assert "a-2: không có thủ tục 'khai_sin'" in told
    assert "a-3: có “0912345678”" in told
    assert "a-4" not in told
    assert not (ward / "a.jsonl").exists()


def test_a_file_of_questions_goes_through_a_table_unchanged(ward: Path) -> None:
    table = ward / "b.csv"
    assert run(ward, "questions", "export", str(table), str(ward / "questions.jsonl")) == 0
    before, after = read_questions([ward / "questions.jsonl"]), read_questions([table])
    assert after == before


def test_no_labelled_question_stands_nearly_as_a_phrasing(
    entries: list[Entry], dev_questions: list[dict[str, object]]
) -> None:
    """The measure would praise itself. Also asked of the side questions of an entry."""
    ours = {
        normalize(text).plain: entry.key
        for entry in entries
        for text in (*entry.phrasings, *(ask for faq in entry.faqs for ask in faq.asks))
    }
    copied = []
    for raw in dev_questions:
        plain = normalize(str(raw["question"])).plain
        near = process.extractOne(plain, ours.keys(), scorer=fuzz.ratio, score_cutoff=NEARLY)
        copied += [(raw["id"], near[0])] if near else []
    assert copied == []


def test_unfit_says_why() -> None:
    assert unfit(ASKED) is None
    assert "1 chữ" in str(unfit("giấy"))
    assert "thông tin cá nhân" in str(unfit("gọi em 0912345678 nha"))
