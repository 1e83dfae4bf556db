from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from knowledge.compile import build, content_hash, ensure_library, source_hash
from knowledge.library import Library, LibraryError
from knowledge.load import PROCEDURES
from knowledge.schema import Entry
from knowledge.text import normalize


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]) -> Path:
    """The compiled library, only to be read."""
    return build(tmp_path_factory.mktemp("built") / "library.db", entries)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of two entries whose YAML may be changed."""
    folder = tmp_path / "procedures" / "ho_tich"
    folder.mkdir(parents=True)
    for key in ("khai_sinh", "khai_tu"):
        text = (PROCEDURES / "ho_tich" / f"{key}.yaml").read_text("utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("related:")]
        (folder / f"{key}.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    return folder.parent


def test_opened_is_what_was_built(built: Path, entries: list[Entry], library: Library) -> None:
    opened = Library.open(built)
    assert opened.entries() == library.entries()
    assert opened.content_hash == content_hash(entries)
    assert opened.search("sang tên sổ đỏ") == library.search("sang tên sổ đỏ")


def test_build_is_reproducible(tmp_path: Path, built: Path, entries: list[Entry]) -> None:
    other = build(tmp_path / "other.db", list(reversed(entries)))
    assert built.read_bytes() == other.read_bytes()


def test_tables(built: Path, entries: list[Entry]) -> None:
    db = sqlite_utils.Database(built)
    names = {
        "entries",
        "phrasings",
        "documents",
        "fees",
        "times",
        "places",
        "faqs",
        "terms",
        "meta",
        "entries_text",
    }
    assert names <= set(db.table_names())
    assert db["entries"].count == len(entries)
    assert db["phrasings"].count == sum(len(entry.phrasings) for entry in entries)
    assert db["documents"].count == sum(len(entry.documents) for entry in entries)
    row: dict[str, Any] = db.table("entries").get("khai_sinh")
    assert Entry.model_validate_json(row["json"]).code == row["code"] == "1.001193"
    db.close()


def test_words_and_letter_groups_are_stored(built: Path) -> None:
    db = sqlite_utils.Database(built)
    kinds = {row["kind"] for row in db.query("select distinct kind from terms where key = 'khai_sinh'")}
    assert kinds == {"word", "letters"}
    db.close()


def test_the_old_file_stays_when_building_fails(tmp_path: Path, entries: list[Entry]) -> None:
    path = build(tmp_path / "library.db", entries[:3])
    before = path.read_bytes()
    with pytest.raises(sqlite3.IntegrityError):
        build(path, [*entries[:3], entries[0]])  # the same key twice
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["library.db"]


def test_a_reader_keeps_the_old_file_while_it_is_replaced(tmp_path: Path, entries: list[Entry]) -> None:
    path = build(tmp_path / "library.db", entries[:3])
    reader = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    assert reader.execute("select count(*) from entries").fetchone() == (3,)
    build(path, entries)
    assert reader.execute("select count(*) from entries").fetchone() == (3,)
    reader.close()
    assert len(Library.open(path)) == len(entries)


def test_ensure_builds_once_and_again_after_a_change(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "var" / "library.db"
    assert len(ensure_library(path, root)) == 2
    stamp = path.stat().st_mtime_ns
    ensure_library(path, root)
    assert path.stat().st_mtime_ns == stamp
    entry = root / "ho_tich" / "khai_sinh.yaml"
    entry.write_text(
        entry.read_text("utf-8").replace("Làm giấy khai sinh cho bé", "Giấy khai sinh của bé", 1), "utf-8"
    )
    changed = ensure_library(path, root).entry("khai_sinh")
    assert changed is not None
    assert changed.plain_name == "Giấy khai sinh của bé"


def test_ensure_replaces_a_file_that_is_none_of_ours(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(b"not a database")
    assert len(ensure_library(path, root)) == 2


def test_source_hash_sees_a_removed_file(root: Path) -> None:
    before = source_hash(root)
    (root / "ho_tich" / "khai_tu.yaml").unlink()
    assert source_hash(root) != before


def test_open_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "library.db").write_bytes(b"not a database at all")
    with pytest.raises(LibraryError, match="not a compiled library"):
        Library.open(tmp_path / "library.db")
    with pytest.raises(LibraryError):
        Library.open(tmp_path / "missing.db")


def test_the_library_is_not_written_to(tmp_path: Path, built: Path) -> None:
    path = Path(shutil.copyfile(built, tmp_path / "library.db"))
    path.chmod(0o444)
    library = Library.open(path)
    library.full_text("khai sinh")
    assert sorted(os.listdir(tmp_path)) == ["library.db"]


@pytest.mark.parametrize(
    ("words", "key"),
    [("khai sinh", "khai_sinh"), ("GIẤY CHỨNG SINH", "khai_sinh"), ("di chuc", "chung_thuc_di_chuc")],
)
def test_full_text(built: Path, words: str, key: str) -> None:
    library = Library.open(built)
    assert key in library.full_text(words)


@pytest.mark.parametrize("words", ['" or 1', "*", "", "a AND", "(", "key:x"])
def test_full_text_takes_any_words(tmp_path: Path, entries: list[Entry], words: str) -> None:
    library = Library.open(build(tmp_path / "library.db", entries[:3]))
    assert isinstance(library.full_text(words), list)


def test_by_key_and_code(library: Library) -> None:
    entry = library.entry("khai_sinh")
    assert entry is not None
    assert entry in library.by_code("1.001193")
    assert library.entry("gone") is None
    assert library.by_code("9.999999") == []
    assert library.keys() == sorted(library.keys())
    assert "khai_sinh" in library
    assert "gone" not in library


def test_no_labelled_question_stands_as_a_phrasing(
    entries: list[Entry], dev_questions: list[dict[str, Any]]
) -> None:
    ours = {normalize(text).plain for entry in entries for text in entry.phrasings}
    ours |= {normalize(ask).plain for entry in entries for faq in entry.faqs for ask in faq.asks}
    copied = [question["id"] for question in dev_questions if normalize(question["question"]).plain in ours]
    assert copied == []
