from __future__ import annotations

from datetime import date, timedelta

import pytest

from knowledge.in_force import (
    ended_basis,
    ended_with,
    first_day_without,
    has_ended,
    on_day,
    turning_days,
)
from knowledge.library import Library
from knowledge.schema import Entry
from knowledge.words import lexicon

DAYS = [date(2025, 6, 30), date(2026, 11, 28), date(2026, 12, 31), date(2027, 1, 1), date(2027, 3, 1)]


@pytest.fixture
def birth(library: Library) -> Entry:
    entry = library.entry("khai_sinh")
    assert entry is not None
    return entry


def changed(entry: Entry, **changes: object) -> Entry:
    return Entry.model_validate({**entry.model_dump(mode="json"), **changes})


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_entry_keeps_just_the_facts_of_the_day(entries: list[Entry], day: date) -> None:
    for entry in entries:
        kept = on_day(entry, day)
        assert [fact for fact in kept.facts() if fact is not kept.summary] == [
            fact for fact in entry.facts() if fact.holds_on(day) and fact is not entry.summary
        ], entry.key
        assert kept.phrasings == entry.phrasings


def test_an_entry_without_dated_facts_is_left_as_it_is(birth: Entry) -> None:
    assert on_day(birth, DAYS[0]) is birth
    assert turning_days(birth) == []


def test_single_facts_have_days_too(birth: Entry) -> None:
    entry = changed(birth, result={"text": "Giấy khai sinh", "effective_to": "2026-12-31"})
    assert on_day(entry, date(2026, 12, 31)).result == entry.result
    assert on_day(entry, date(2027, 1, 1)).result is None
    assert turning_days(entry) == [date(2026, 12, 31)]


def test_the_last_day_counts(birth: Entry) -> None:
    assert birth.effective_to == date(2027, 2, 28)
    assert not has_ended(birth, date(2027, 2, 28))
    assert has_ended(birth, date(2027, 3, 1))
    assert first_day_without(birth) == date(2027, 3, 1)
    assert first_day_without(changed(birth, effective_to=None)) is None


def test_the_law_that_ends_an_entry_comes_from_the_lexicon(entries: list[Entry]) -> None:
    ends = {text["number"]: text for text in lexicon("repealed")["texts"] if text.get("ends_entries")}
    found = 0
    for entry in entries:
        for legal in entry.legal_basis:
            if legal.number in ends and entry.kind != "superseded":
                law = ended_with(entry)
                assert law is not None, entry.key
                assert (law.number, law.since) == (legal.number, ends[legal.number]["since"])
                assert entry.effective_to == law.since - timedelta(days=1)
                assert law.replaced_by == ("Luật 03/2026/QH16",)
                found += 1
    assert found > 30


def test_an_entry_that_ends_on_another_day_names_no_law(birth: Entry) -> None:
    assert ended_with(changed(birth, effective_to="2026-12-31")) is None
    assert ended_with(changed(birth, legal_basis=[])) is None


def test_an_instrument_is_in_force_until_its_day(birth: Entry) -> None:
    entry = changed(birth, legal_basis=[{"number": "120/2025/NĐ-CP"}, {"number": "28/2009/QH12"}])
    assert ended_basis(entry, date(2027, 2, 28)) == []
    (ended,) = ended_basis(entry, date(2027, 3, 1))
    assert (ended.called, ended.replaced_by) == ("Nghị định 120/2025/NĐ-CP", ())
