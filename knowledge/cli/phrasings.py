"""`phrasings`: what citizens asked in vain, decided by a person, tried, and only then used."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from knowledge.cli import Assembled
from knowledge.cli.evaluate import VIET_NAM, voice_of
from knowledge.evaluation.questions import Question, read_questions
from knowledge.learning.candidates import FILE, Candidate, CandidateError, Candidates
from knowledge.learning.overlay import Phrasing, by_key, read_overlay, write_overlay
from knowledge.learning.rules import known_as, measured_by
from knowledge.learning.trial import Compared, compare
from knowledge.library import Library
from knowledge.load import load_entries
from knowledge.paths import load_paths

REASONS = {"unanswered": "chưa trả lời được", "corrected": "bị người hỏi nói lại"}
WORST_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ward", type=Path, help="thư mục của phường (mặc định: WARD_DIR)")
    parser.add_argument("--var", type=Path, help="thư mục dữ liệu (mặc định: cạnh cơ sở dữ liệu)")
    actions = parser.add_subparsers(dest="action", required=True)
    one = actions.add_parser("list", help="các câu đang chờ người duyệt")
    one.add_argument("--state", choices=("candidate", "approved", "applied"), default="candidate")
    one = actions.add_parser("approve", help="nhận một câu làm câu mẫu của một thẻ")
    one.add_argument("number", type=int, help="số của câu")
    one.add_argument("--key", help="thẻ mà câu ấy hỏi (mặc định: thẻ máy đoán)")
    one.add_argument("--text", help="viết lại cho gọn, bỏ điều riêng tư")
    one.add_argument("--by", required=True, help="người duyệt")
    one = actions.add_parser("refuse", help="bỏ các câu này, không hỏi lại nữa")
    one.add_argument("numbers", type=int, nargs="+", help="số của câu")
    one.add_argument("--by", required=True, help="người duyệt")
    one = actions.add_parser("apply", help="đo trước và sau, rồi mới dùng các câu đã nhận")
    one.add_argument("files", type=Path, nargs="*", help="tệp câu hỏi có nhãn (mặc định: câu mẫu giấu đi)")


def run(args: argparse.Namespace, assembled: Assembled | None) -> int:
    candidates = Candidates(var_dir(args, assembled) / FILE)
    actions = {"list": _list, "approve": _approve, "refuse": _refuse}
    if args.action == "apply":
        return _apply(args, candidates, ward_dir(args, assembled), assembled)
    return actions[args.action](args, candidates)


def var_dir(args: argparse.Namespace, assembled: Assembled | None) -> Path:
    return Path(args.var or (assembled().var_dir if assembled else "var"))


def ward_dir(args: argparse.Namespace, assembled: Assembled | None) -> Path:
    if args.ward is not None:
        return Path(args.ward)
    if assembled is None:
        raise CandidateError("cho biết thư mục của phường: --ward")
    return assembled().ward_dir


def _list(args: argparse.Namespace, candidates: Candidates) -> int:
    found = candidates.list(args.state)
    for one in found:
        guess = one.key or "chưa đoán được thẻ"
        print(f"{one.id:>5}  {one.seen}×  [{guess}] {REASONS[one.why]}  {one.text}")
    print(f"{len(found)} câu")
    return 0


def _approve(args: argparse.Namespace, candidates: Candidates) -> int:
    waiting = [*candidates.list("candidate"), *candidates.list("approved")]
    one = next((one for one in waiting if one.id == args.number), None)
    library = Library.from_entries(load_entries(args.root))
    key = args.key or (one.key if one else None)
    if one is not None and (key is None or key not in library):
        raise CandidateError(f"không có thẻ {key}; cho biết thẻ bằng --key")
    if one is not None and (owner := known_as(args.text or one.text, library)):
        raise CandidateError(f"câu này đã là câu mẫu của thẻ {owner}")
    candidates.approve(args.number, str(key), args.by, _now(), args.text)
    print(f"Đã nhận câu {args.number} cho thẻ {key}. Dùng khi chạy `phrasings apply`.")
    return 0


def _refuse(args: argparse.Namespace, candidates: Candidates) -> int:
    for number in args.numbers:
        candidates.refuse(number, args.by, _now())
    print(f"Đã bỏ {len(args.numbers)} câu")
    return 0


def _apply(args: argparse.Namespace, candidates: Candidates, ward: Path, assembled: Assembled | None) -> int:
    approved = candidates.list("approved")
    if not approved:
        print("Chưa có câu nào được nhận.")
        return 0
    questions = read_questions(args.files)
    _refuse_measured(approved, questions)
    kept = read_overlay(ward)
    library = Library.from_entries(load_entries(args.root), load_paths(args.root)).with_phrasings(
        by_key(kept)
    )
    new = [_phrasing(one) for one in approved]
    compared = compare(library, by_key(new), voice_of(assembled), questions)
    print(_told(compared))
    if compared.lowers:
        print(_harm(compared), file=sys.stderr)
        return 1
    path = write_overlay(ward, [*kept, *new])
    candidates.applied([one.id for one in approved])
    print(f"Đã ghi {len(new)} câu vào {path}. Khởi động lại trợ lý để dùng.")
    return 0


def _refuse_measured(approved: Sequence[Candidate], questions: Sequence[Question]) -> None:
    """A question that measures may not teach: the measure would praise itself."""
    asked = {question.id: question.question for question in questions}
    same = measured_by([one.text for one in approved], asked)
    if same:
        lines = [f"  “{text}” gần như là câu {name} của tệp đo" for text, name in same]
        raise CandidateError("\n".join(["câu dùng để đo thì không làm câu mẫu được:", *lines]))


def _phrasing(one: Candidate) -> Phrasing:
    assert one.decided_at is not None
    day = one.decided_at.astimezone(VIET_NAM).date()
    return Phrasing(key=str(one.key), text=one.text, by=str(one.decided_by), day=day)


def _told(compared: Compared) -> str:
    (solved, then), (wrong, later) = compared.solved, compared.wrong
    return (
        f"{solved.n} câu đo. Giải được: {solved.count} → {then.count} ({solved} → {then}). "
        f"Trả sai: {wrong.count} → {later.count} ({wrong} → {later})."
    )


def _harm(compared: Compared) -> str:
    lines = ["KHÔNG dùng: số câu giải được giảm, hoặc số câu trả sai tăng. Các câu xấu đi:"]
    for old, new in compared.worse[:WORST_SHOWN]:
        before, after = old.told.answered or old.told.outcome, new.told.answered or new.told.outcome
        lines.append(f"  {old.question.id} “{old.question.question}”: {before} → {after}")
    return "\n".join([*lines, "Bỏ bớt câu đã nhận (`phrasings refuse SỐ`) rồi chạy lại."])


def _now() -> datetime:
    return datetime.now(VIET_NAM)
