"""The public calendar as a file: what RFC 5545 asks for, and that nobody's name stands in it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert

from bot.config import SAMPLE_WARD
from store.engine import read_tx, write_tx
from store.schema import visits
from tests.bot.support import OA
from ward.calendar import VIET_NAM, load_calendar
from ward.ical import LONGEST_LINE, Event, write
from ward.profile import load_profile
from ward.programmes.load import load_files
from ward.public_calendar import public_calendar

NOW = datetime(2026, 11, 27, 14, 50, tzinfo=VIET_NAM)
ANY_TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\x85"))


def parsed(data: bytes) -> list[dict[str, str]]:
    """The events of a file, read by the rules of the format alone: unfold, split, unescape."""
    assert data.endswith(b"\r\n")
    assert all(len(line) <= LONGEST_LINE for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    lines = data.decode().replace("\r\n ", "").split("\r\n")[:-1]
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    events: list[dict[str, str]] = []
    for line in lines[1:-1]:
        name, value = line.split(":", 1)
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and line != "END:VEVENT":
            events[-1][name] = re.sub(r"\\(.)", lambda one: "\n" if one[1] in "nN" else one[1], value)
    return events


@given(ANY_TEXT, ANY_TEXT)
def test_any_text_comes_back_as_it_was(summary: str, place: str) -> None:
    event = Event("u1", summary, NOW, NOW, place, None)
    (read,) = parsed(write("Lịch", [event], NOW))
    assert read["SUMMARY"] == summary
    assert read.get("LOCATION", "") == place


def test_a_whole_day_ends_on_the_day_after_and_a_moment_is_told_in_utc() -> None:
    day = date(2026, 11, 24)
    whole, part = parsed(write("Lịch", [Event("a", "Nghỉ", day, day), Event("b", "Họp", NOW, NOW)], NOW))
    assert (whole["DTSTART;VALUE=DATE"], whole["DTEND;VALUE=DATE"]) == ("20261124", "20261125")
    assert (part["DTSTART"], part["DTSTAMP"]) == ("20261127T075000Z", "20261127T075000Z")


def made(engine: Engine, now: datetime) -> list[dict[str, str]]:
    profile = load_profile(SAMPLE_WARD)
    calendar = load_calendar(SAMPLE_WARD, profile.hours)
    with read_tx(engine) as connection:
        files = load_files(SAMPLE_WARD)
        return parsed(public_calendar(connection, OA, files, profile, calendar, now))


def add_visit(engine: Engine, state: str) -> None:
    at = datetime(2026, 12, 3, 1, 0, tzinfo=UTC)
    row = {
        "oa_id": OA, "programme": "sd_09_luu_dong", "kind": "mobile", "khom": "Khóm 5",
        "place": "Văn phòng Ban nhân dân khóm 5", "starts_at": at, "ends_at": at.replace(hour=4),
        "slot_minutes": 30, "per_slot": 3, "capacity": 21, "team": ["Chị Hạnh"], "kit": [], "state": state,
        "created_at": at,
    }  # fmt: skip
    with write_tx(engine) as connection:
        connection.execute(insert(visits).values(**row))


def test_the_wards_calendar_holds_days_off_service_days_sessions_and_reception(engine: Engine) -> None:
    add_visit(engine, "planned")
    add_visit(engine, "cancelled")
    events = made(engine, NOW)
    summaries = [event["SUMMARY"] for event in events]
    assert any(text.startswith("Phường nghỉ: ") for text in summaries)
    assert "Phường làm việc bù" in summaries
    assert "Ngày thứ Sáu không chờ" in summaries
    assert "Tiếp công dân" in summaries
    assert summaries.count("Đăng ký hộ tịch lưu động, 3 trong 1 – Khóm 5") == 1
    assert not any("Chị Hạnh" in text for event in events for text in event.values())
    off = {event["DTSTART;VALUE=DATE"] for event in events if event["SUMMARY"].startswith("Phường nghỉ")}
    assert "20261124" in off
    thursdays = [event for event in events if event["SUMMARY"] == "Ngày thứ Năm không hẹn"]
    assert thursdays
    assert not any(event["DTSTART"] > "20261231T170000Z" for event in thursdays), "the plan ends with 2026"


def test_the_same_thing_keeps_its_uid(engine: Engine) -> None:
    add_visit(engine, "planned")
    first, later = made(engine, NOW), made(engine, NOW.replace(hour=16))
    uids = [event["UID"] for event in first]
    assert len(uids) == len(set(uids))
    assert uids == [event["UID"] for event in later]
