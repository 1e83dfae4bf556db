"""What the engine promises: pragmas on every connection, writers that queue instead of failing."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text, update

from store.engine import insert_new, open_engine, read_tx, write_tx
from store.migrate import upgrade
from store.schema import counters

PROCESSES, ROUNDS = 4, 100
COUNTER = {"oa_id": "oa", "name": "n", "value": 0}


def _count_up(url: str) -> None:
    engine = open_engine(url)
    for _ in range(ROUNDS):
        with write_tx(engine) as connection:
            query = select(counters.c.value).where(counters.c.name == "n").with_for_update()
            value = connection.execute(query).scalar_one()
            connection.execute(update(counters).values(value=value + 1))


def test_read_then_write_transactions_of_four_processes_all_count(database_url: str) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    with write_tx(engine) as connection:
        insert_new(connection, counters, [COUNTER])
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_count_up, args=(database_url,)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    with read_tx(engine) as connection:
        assert connection.execute(select(counters.c.value)).scalar() == PROCESSES * ROUNDS


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("foreign_keys", 1),
        ("synchronous", 2),
        ("secure_delete", 1),
        ("busy_timeout", 10000),
    ],
)
def test_sqlite_pragmas_hold_on_every_connection(sqlite_engine: Engine, pragma: str, value: object) -> None:
    for _ in range(2):
        with sqlite_engine.connect() as connection:
            assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value
        sqlite_engine.dispose()


def test_an_exception_undoes_the_whole_write(engine: Engine) -> None:
    def breaks_off() -> None:
        with write_tx(engine) as connection:
            insert_new(connection, counters, [COUNTER])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks_off()
    with read_tx(engine) as connection:
        assert connection.execute(select(counters)).all() == []


def test_insert_new_counts_only_new_rows(engine: Engine) -> None:
    with write_tx(engine) as connection:
        assert insert_new(connection, counters, [COUNTER, COUNTER, {**COUNTER, "name": "m"}]) == 2


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/new/folder/ward.db")
    upgrade(engine)
    assert (tmp_path / "new/folder/ward.db").exists()
