"""What the compiled file keeps of reading is what reading gives; an old or damaged one is never trusted."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from knowledge.compile import build, ensure_library
from knowledge.library import Library
from knowledge.load import load_entries
from knowledge.paths import load_paths
from knowledge.readings import Readings, fingerprint
from knowledge.text import normalize

ASKED = (
    "làm giấy khai sinh cho con cần gì",
    "lam giay khai sanh cho be",
    "ba tui mới mất giờ làm sao",
    "sang tên sổ đỏ cho con trai út ở xa, con dâu đứng tên chung được không",
    "trợ cấp người cao tuổi",
    "đăg ký kêt hôn vs người nc ngoài",
    "alo",
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("compiled") / "library.db", load_entries(), paths=load_paths())


def same(one: Library, other: Library) -> None:
    for question in ASKED:
        said = normalize(question)
        for part in ("index", "events", "messages"):
            mine, theirs = (getattr(library, part).search(said, 9) for library in (one, other))
            assert mine == theirs, (part, question)
    assert [one.index.idf(word) for word in ("khai sinh", "ho", "#mat")] == [
        other.index.idf(word) for word in ("khai sinh", "ho", "#mat")
    ]


def test_a_library_with_kept_readings_answers_as_one_that_read_itself(compiled: Path) -> None:
    same(Library.open(compiled), Library.from_entries(load_entries(), load_paths()))


def test_every_kept_reading_is_what_reading_gives(compiled: Path) -> None:
    with sqlite3.connect(compiled) as db:
        rows = db.execute("select text, tokens, plain, concepts from readings order by text").fetchall()
    kept, fresh = Readings.kept(rows), Readings()
    assert len(rows) > 10_000
    for text, _, _, concepts in rows:
        assert kept.of(text, concepts is not None) == fresh.of(text, concepts is not None), text
    assert list(kept.rows()) == rows


def test_readings_made_by_other_words_are_not_used(compiled: Path, tmp_path: Path) -> None:
    """Readings that say nonsense are worked out anew when the fingerprint beside them is another."""
    damaged = Path(shutil.copy(compiled, tmp_path / "damaged.db"))
    with sqlite3.connect(damaged) as db:
        db.execute("update readings set tokens = 'x', plain = 'x', concepts = ''")
        db.execute("update meta set value = 'of yesterday' where name = 'readings'")
    same(Library.open(damaged), Library.open(compiled))


def test_a_file_of_other_words_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    first = ensure_library(path)
    with sqlite3.connect(path) as db:
        (kept,) = db.execute("select value from meta where name = 'readings'").fetchone()
        assert kept == fingerprint()
        db.execute("update meta set value = 'of yesterday' where name = 'source_hash'")
    written = path.stat().st_ino
    again = ensure_library(path)
    assert path.stat().st_ino != written
    same(first, again)
