"""Questions that may become phrasings: a small SQLite file of our own, until a person has decided.

Only words are kept, never who said them. `sources` names the turns they came from, so that a candidate goes
when the words of its turns go (60 days, or a person's wish). What was refused is kept as a checksum only.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from knowledge.learning.rules import unfit
from knowledge.text import normalize

FILE = "phrasings.sqlite"
State = Literal["candidate", "proposed", "approved", "refused", "applied"]
"""`proposed`: one official worded it, a second one decides (console); the command line decides at once."""
Why = Literal["unanswered", "corrected"]
_TABLES = """
create table if not exists candidates (
    id integer primary key, digest text not null unique, text text, why text not null, key text,
    seen integer not null, first_at text not null, last_at text not null, state text not null,
    decided_by text, decided_at text);
create table if not exists sources (
    candidate integer not null references candidates (id) on delete cascade, turn integer not null,
    primary key (candidate, turn));
create table if not exists progress (name text primary key, turn integer not null);
"""
_COLUMNS = "id, text, why, key, seen, first_at, last_at, state, decided_by, decided_at"


class CandidateError(ValueError):
    """A decision that cannot be taken; the text says why, in words for officials."""


@dataclass(frozen=True)
class Candidate:
    """`key`: the entry it probably asks for, and, once approved, surely."""

    id: int
    text: str
    why: Why
    key: str | None
    seen: int
    first_at: datetime
    last_at: datetime
    state: State
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True)
class Candidates:
    path: Path

    def offer(self, text: str, why: Why, key: str | None, at: datetime, turn: int) -> bool:
        """Keep a question as candidate; False where it may not be one or was decided before."""
        text = _one_line(text)
        if unfit(text) is not None:
            return False
        with self._write() as db:
            found = db.execute(
                "select id, state from candidates where digest = ?", (_digest(text),)
            ).fetchone()
            if found is not None and found[1] != "candidate":
                return False
            place = found[0] if found else _insert(db, text, why, key, at)
            new = db.execute("insert or ignore into sources values (?, ?)", (place, turn)).rowcount
            db.execute(
                "update candidates set seen = seen + ?, last_at = max(last_at, ?), key = coalesce(key, ?) "
                "where id = ?",
                (new, at.isoformat(), key, place),
            )
        return True

    def list(self, state: State = "candidate") -> list[Candidate]:
        """The most often seen first."""
        query = f"select {_COLUMNS} from candidates where state = ? order by seen desc, id"  # noqa: S608
        with self._write() as db:
            return [_candidate(row) for row in db.execute(query, (state,))]

    def approve(self, number: int, key: str, by: str, at: datetime, text: str | None = None) -> None:
        """A person says: this asks for that entry. `text`: their better wording."""
        one = self._open(number)
        wanted = _one_line(text or one.text)
        if reason := unfit(wanted):
            raise CandidateError(f"câu {number}: {reason}; sửa lại bằng --text")
        self._decide(number, "approved", by, at, wanted, key)

    def propose(self, number: int, key: str, by: str, at: datetime, text: str | None = None) -> None:
        """A first person says what it asks for; somebody else is to agree."""
        one = self._open(number)
        wanted = _one_line(text or one.text)
        if reason := unfit(wanted):
            raise CandidateError(f"câu này {reason}; sửa lại rồi đề xuất")
        self._decide(number, "proposed", by, at, wanted, key)

    def second(self, number: int, by: str, at: datetime) -> Candidate:
        """A second person agrees; both are named."""
        one = self._open(number)
        if one.state != "proposed" or one.key is None:
            raise CandidateError("câu này chưa ai đề xuất hoặc đã duyệt rồi")
        if one.decided_by == _one_line(by):
            raise CandidateError("người đề xuất không tự duyệt; nhờ một cán bộ khác coi lại")
        self._decide(number, "approved", f"{one.decided_by}, {by}", at, one.text, one.key)
        return one

    def refuse(self, number: int, by: str, at: datetime) -> None:
        """Never to be offered again; the words go, their checksum stays."""
        self._open(number)
        self._decide(number, "refused", by, at, None, None)

    def applied(self, numbers: Collection[int]) -> None:
        with self._write() as db:
            marks = [("applied", number) for number in numbers]
            db.executemany("update candidates set state = ? where id = ? and state = 'approved'", marks)

    def open_sources(self) -> set[int]:
        """The turns that undecided candidates came from."""
        query = "select turn from sources join candidates on id = candidate where state = 'candidate'"
        with self._write() as db:
            return {row[0] for row in db.execute(query)}

    def forget(self, turns: Collection[int]) -> int:
        """The words of these turns are gone: so are undecided candidates that came from nowhere else."""
        with self._write() as db:
            db.executemany("delete from sources where turn = ?", [(turn,) for turn in turns])
            gone = db.execute(
                "delete from candidates where state = 'candidate' "
                "and id not in (select candidate from sources)"
            )
            return gone.rowcount

    def read_up_to(self, oa_id: str) -> int:
        with self._write() as db:
            row = db.execute("select turn from progress where name = ?", (oa_id,)).fetchone()
            return int(row[0]) if row else 0

    def mark_read(self, oa_id: str, turn: int) -> None:
        with self._write() as db:
            db.execute("insert or replace into progress values (?, ?)", (oa_id, turn))

    def _open(self, number: int) -> Candidate:
        query = f"select {_COLUMNS} from candidates where id = ?"  # noqa: S608
        with self._write() as db:
            row = db.execute(query, (number,)).fetchone()
        if row is None:
            raise CandidateError(f"không có câu số {number}; coi `python -m knowledge phrasings list`")
        if row[7] not in ("candidate", "proposed", "approved"):
            done = "từ chối" if row[7] == "refused" else "dùng"
            raise CandidateError(f"câu {number} đã {done}, không đổi được nữa")
        return _candidate(row)

    def _decide(
        self, number: int, state: State, by: str, at: datetime, text: str | None, key: str | None
    ) -> None:
        by = _one_line(by)
        if not by:
            raise CandidateError("cho biết ai duyệt: --by “họ tên”")
        with self._write() as db:
            db.execute(
                "update candidates set state = ?, decided_by = ?, decided_at = ?, text = ?, key = ? "
                "where id = ?",
                (state, by, at.isoformat(), text, key, number),
            )

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as db:
            db.execute("pragma foreign_keys = on")
            db.execute("pragma secure_delete = on")
            db.executescript(_TABLES)
            db.execute("begin immediate")
            try:
                yield db
            except BaseException:
                db.execute("rollback")
                raise
            db.execute("commit")


def _insert(db: sqlite3.Connection, text: str, why: Why, key: str | None, at: datetime) -> int:
    values = (_digest(text), text, why, key, at.isoformat(), at.isoformat())
    made = db.execute(
        "insert into candidates (digest, text, why, key, seen, first_at, last_at, state) "
        "values (?, ?, ?, ?, 0, ?, ?, 'candidate')",
        values,
    )
    return int(made.lastrowid or 0)


def _one_line(text: str) -> str:
    """Without line ends and what else a terminal or a table would obey."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _digest(text: str) -> str:
    return hashlib.sha256(normalize(text).plain.encode()).hexdigest()


def _candidate(row: tuple[object, ...]) -> Candidate:
    number, text, why, key, seen, first, last, state, by, at = row
    moment = datetime.fromisoformat
    decided = moment(str(at)) if at else None
    return Candidate(int(str(number)), str(text or ""), why, key, int(str(seen)), moment(str(first)),  # type: ignore[arg-type]
                     moment(str(last)), state, by, decided)  # type: ignore[arg-type]  # fmt: skip
