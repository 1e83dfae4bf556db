"""Migrations: equal to the schema, up and down, with rows in them, and by several processes at once."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Table, insert, inspect, select

from store.engine import open_engine, read_tx, write_tx
from store.migrate import _config as alembic_config
from store.migrate import current_revision, downgrade, newest_revision, upgrade
from store.schema import metadata

MOMENT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SAMPLES: dict[type, Any] = {
    str: "x",
    int: 1,
    float: 1.5,
    bool: True,
    bytes: b"x",
    object: {"a": 1},
    datetime: MOMENT,
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
