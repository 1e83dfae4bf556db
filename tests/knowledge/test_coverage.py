from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.__main__ import main
from knowledge.coverage import HEADINGS, as_markdown, as_text, coverage, write_into
from knowledge.schema import Entry

TODAY = date(2026, 11, 25)


def test_counts_by_field_and_in_all(entries: list[Entry]) -> None:
    *fields, whole = coverage(entries, TODAY)
    assert {row.name for row in fields} >= {"Hộ tịch", "Đất đai"}
    assert whole.entries == len(entries) == sum(row.entries for row in fields)
    assert whole.high + whole.medium + whole.low == whole.entries
    assert whole.coded == sum(entry.code is not None for entry in entries)


def test_unknown_facts_are_counted(entries: list[Entry]) -> None:
    birth = next(entry for entry in entries if entry.key == "khai_sinh")
    unknown = birth.model_copy(
        update={
            "key": "x",
            "code": None,
            "documents": [],
            "times": [birth.times[0].model_copy(update={"same_day": False})],
            "fees": [birth.fees[0].model_copy(update={"basis": "unknown"})],
        }
    )
    (row, _) = coverage([birth, unknown], TODAY)
    assert (row.entries, row.coded, row.no_time, row.no_fee, row.no_papers) == (2, 1, 1, 1, 1)


def test_ended_and_overdue_are_counted(entries: list[Entry]) -> None:
    birth = [entry for entry in entries if entry.key == "khai_sinh"]
    (row, _) = coverage(birth, date(2028, 1, 1))
    assert (row.ended, row.overdue) == (1, 1)


def test_text_and_markdown_hold_every_row(entries: list[Entry]) -> None:
    rows = coverage(entries, TODAY)
    assert len(as_text(rows).splitlines()) == len(rows) + 1
    assert len({len(line.rstrip()) for line in as_text(rows).splitlines()}) == 1
    lines = as_markdown(rows).splitlines()
    assert len(lines) == len(rows) + 2
    assert {line.count("|") for line in lines} == {len(HEADINGS) + 1}


def test_the_tables_of_a_page_are_renewed(tmp_path: Path, entries: list[Entry]) -> None:
    page = tmp_path / "page.md"
    page.write_text("a <!-- rules -->alt<!-- /rules --> b <!-- coverage --><!-- /coverage --> c", "utf-8")
    rows = coverage(entries, TODAY)
    write_into(page, rows)
    first = page.read_text("utf-8")
    assert "alt" not in first
    assert as_markdown(rows) in first
    assert "`mien_phi_co_can_cu`" in first
    write_into(page, [replace(rows[0], name="Khác")])
    assert "| Khác |" in page.read_text("utf-8")


def test_a_page_without_marks_is_refused(tmp_path: Path, entries: list[Entry]) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing", "utf-8")
    with pytest.raises(ValueError, match="<!-- rules -->"):
        write_into(page, coverage(entries, TODAY))


def test_command_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--coverage"]) == 0
    assert "Chưa biết thời hạn" in capsys.readouterr().out
