from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from store.engine import read_tx, write_tx
from store.schema import settings as table
from ward import audit, settings
from ward.settings import SettingRefused

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OA = "oa"


def change(engine: Engine, values: dict[str, Any], reason: str = "thử nghiệm") -> tuple[str, ...]:
    with write_tx(engine) as connection:
        return settings.change(connection, OA, 7, values, reason, NOW)


def test_defaults_and_a_change_with_its_history(engine: Engine) -> None:
    assert change(engine, {"return_after_minutes": "120", "silent_hours": "21:00-06:30"}) == (
        "return_after_minutes",
    )
    with read_tx(engine) as connection:
        now = settings.load(connection, OA)
        (line,) = audit.lines(connection, OA)
        assert settings.load(connection, "other").return_after_minutes == 240
    assert (now.return_after_minutes, now.bot_on, now.silence) == (120, True, (time(21), time(6, 30)))
    assert (line.subject, line.reason, line.detail) == (
        "return_after_minutes",
        "thử nghiệm",
        {"old": 240, "new": 120},
    )


@pytest.mark.parametrize(
    "values",
    [
        {"return_after_minutes": "5"},
        {"silent_hours": "tối"},
        {"reminder_percents": ["80", "50"]},
        {"limits": {"data_right": {"days": "16"}}},
        {"limits": {"king": {"days": "1"}}},
        {"photo_kept_days": "nhiều", "bot_on": False},
        {"no_such": 1},
    ],
)
def test_a_bad_value_changes_nothing(engine: Engine, values: dict[str, Any]) -> None:
    with pytest.raises(SettingRefused):
        change(engine, values)
    with read_tx(engine) as connection:
        assert settings.load(connection, OA) == settings.WardSettings()
        assert audit.lines(connection, OA) == []


def test_a_reason_is_asked_for(engine: Engine) -> None:
    with pytest.raises(SettingRefused, match="lý do"):
        change(engine, {"bot_on": False}, " a ")


def test_a_stored_value_of_another_version_gives_way_to_the_default(engine: Engine) -> None:
    change(engine, {"bot_on": False})
    with write_tx(engine) as connection:
        row = {"oa_id": OA, "name": "photo_kept_days", "value": "mãi mãi", "changed_at": NOW}
        connection.execute(insert(table).values(**row))
        now = settings.load(connection, OA)
    assert (now.photo_kept_days, now.bot_on) == (180, False)


def test_the_form_keeps_only_limits_that_differ() -> None:
    typed = {"limit_normal": "5", "limit_soon": "3", "limit_question": "", "limit_late_dossier": "12,5"}
    values = settings.read_form(typed)
    assert values == {"limits": {"normal": {"days": "5"}, "late_dossier": {"hours": "12.5"}}}


def test_the_log_is_filtered_and_paged(engine: Engine) -> None:
    with write_tx(engine) as connection:
        for number in range(7):
            at = NOW + timedelta(days=number)
            audit.record(connection, OA, number % 2, "signed_in", f"u{number}", at)
        audit.record(connection, "other", 1, "signed_in", "x", NOW)
        first = audit.lines(connection, OA, limit=5)
        rest = audit.lines(connection, OA, before=first[-1].id, limit=5)
        odd = audit.lines(connection, OA, audit.Filter(staff_id=1))
        days = audit.Filter(since=NOW + timedelta(days=1), until=NOW + timedelta(days=3))
        some = audit.lines(connection, OA, days)
    assert [line.subject for line in (*first, *rest)] == [f"u{n}" for n in range(6, -1, -1)]
    assert [line.subject for line in odd] == ["u5", "u3", "u1"]
    assert [line.subject for line in some] == ["u2", "u1"]
