"""Migrations: equal to the schema, up and down, with rows in them, and by several processes at once."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Table, bindparam, delete, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from store.engine import open_engine, read_tx, write_tx
from store.migrate import _config as alembic_config
from store.migrate import current_revision, downgrade, newest_revision, upgrade
from store.schema import audit, case_events, cases, metadata
from store.types import UtcDateTime

MOMENT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SAMPLES: dict[type, Any] = {
    str: "x",
    int: 1,
    float: 1.5,
    bool: True,
    bytes: b"x",
    object: {"a": 1},
    datetime: MOMENT,
    date: MOMENT.date(),
}


def row_for(table: Table) -> dict[str, Any]:
    """A row with every column filled."""
    return {column.name: SAMPLES[column.type.python_type] for column in table.columns}


def fill(engine: Engine) -> None:
    with write_tx(engine) as connection:
        for table in metadata.sorted_tables:
            connection.execute(insert(table).values(row_for(table)))


def test_migrations_make_exactly_the_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_step_goes_down_and_up_again(engine: Engine) -> None:
    for revision in ScriptDirectory.from_config(alembic_config(None)).walk_revisions():
        downgrade(engine, revision.down_revision or "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    assert current_revision(engine) == newest_revision()


def test_rows_survive_a_second_upgrade_and_read_back(engine: Engine) -> None:
    fill(engine)
    upgrade(engine)
    with read_tx(engine) as connection:
        for table in metadata.sorted_tables:
            (row,) = connection.execute(select(table)).mappings()
            assert dict(row) == row_for(table), table.name


def test_downgrade_works_with_rows_in_every_table(engine: Engine) -> None:
    fill(engine)
    downgrade(engine, "base")
    upgrade(engine)
    with read_tx(engine) as connection:
        assert all(connection.execute(select(table)).all() == [] for table in metadata.sorted_tables)


@pytest.mark.parametrize("table", [audit, case_events])
def test_a_history_cannot_be_changed_or_removed(engine: Engine, table: Table) -> None:
    fill(engine)
    for change in (update(table).values(oa_id="other"), delete(table)):
        with pytest.raises(DBAPIError, match="append-only"), write_tx(engine) as connection:
            connection.execute(change)


def test_questions_of_the_first_schema_keep_their_promise(engine: Engine) -> None:
    downgrade(engine, "0001")
    with write_tx(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO cases (oa_id, code, kind, person_id, question, context, state, created_at,"
                " due_at) VALUES ('1', 'HD-2611-0001-1', 'question', 'p', 'q', '{}', 'new', :at, :at)"
            ).bindparams(bindparam("at", MOMENT, type_=UtcDateTime()))
        )
    upgrade(engine)
    with read_tx(engine) as connection:
        row = connection.execute(select(cases)).one()
    assert (row.first_due_at, row.version, row.urgency, row.head_only) == (MOMENT, 0, "normal", False)


def _start(url: str) -> None:
    upgrade(open_engine(url))


def test_four_processes_may_start_at_once(database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    starters = [spawn.Process(target=_start, args=(database_url,)) for _ in range(4)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join(60)
    assert [starter.exitcode for starter in starters] == [0, 0, 0, 0]
    assert current_revision(open_engine(database_url)) == newest_revision()
