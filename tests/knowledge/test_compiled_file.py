"""The compiled file read as a stranger reads it: by the sqlite-utils API and command, as the docs say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from knowledge.compile import build
from knowledge.paths import load_paths
from knowledge.schema import Entry

DOCS = Path(__file__).parents[2] / "docs" / "knowledge.md"
SHADOW = re.compile(r"entries_text_")
"""Tables SQLite keeps for the full text."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]) -> Path:
    return build(tmp_path_factory.mktemp("built") / "library.db", entries, paths=load_paths())


@pytest.fixture
def db(path: Path) -> Iterator[sqlite_utils.Database]:
    opened = sqlite_utils.Database(path)
    yield opened
    opened.close()


def tool(*args: str | Path) -> Any:
    """What `sqlite-utils …` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "sqlite_utils", *map(str, args)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def documented() -> dict[str, list[str]]:
    """Table → columns as the page lists them."""
    part = DOCS.read_text("utf-8").split("<!-- tables -->")[1].split("<!-- /tables -->")[0]
    rows = [line for line in part.splitlines() if line.startswith("| `")]
    cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
    return {name.strip(" `"): re.findall(r"`(\w+)`", columns) for name, _, columns in cells}


def examples() -> list[str]:
    block = DOCS.read_text("utf-8").split("```sql")[1].split("```")[0]
    return [line for line in block.splitlines() if line]


def test_every_table_and_column_is_documented(db: sqlite_utils.Database) -> None:
    found = {
        name: [column.name for column in db.table(name).columns]
        for name in db.table_names()
        if not SHADOW.match(name)
    }
    assert documented() == found


@pytest.mark.parametrize("query", examples())
def test_the_examples_find_something(db: sqlite_utils.Database, query: str) -> None:
    assert list(db.query(query))


def test_each_table_has_an_example() -> None:
    assert {query.split(" from ")[1].split()[0].strip(";") for query in examples()} == set(documented())


def test_the_days_of_a_fee_stand_beside_it(db: sqlite_utils.Database, entries: list[Entry]) -> None:
    told = {
        (entry.key, n): (fee.effective_from, fee.effective_to)
        for entry in entries
        for n, fee in enumerate(entry.fees)
    }
    rows = db.query("select key, n, effective_from, effective_to from fees")
    assert {
        (row["key"], row["n"]): (_day(row["effective_from"]), _day(row["effective_to"])) for row in rows
    } == told
    assert any(last for _, last in told.values())


def test_the_command_lists_tables_rows_and_finds_words(path: Path, entries: list[Entry]) -> None:
    counts = {row["table"]: row["count"] for row in tool("tables", path, "--counts")}
    assert counts["entries"] == counts["entries_text"] == len(entries)
    assert counts["fees"] == sum(len(entry.fees) for entry in entries)
    rows = tool("rows", path, "documents", "--where", "key = 'khai_sinh'", "-c", "name")
    birth = next(entry for entry in entries if entry.key == "khai_sinh")
    assert [row["name"] for row in rows] == [paper.name for paper in birth.documents]
    found = tool("search", path, "entries_text", "giay chung sinh", "-c", "key")
    assert "khai_sinh" in [row["key"] for row in found]


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
