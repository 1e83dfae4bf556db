"""Backup while others write, restore under open connections, and nobody told anything twice."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, insert, select, text, update

from bot import outbox
from bot.after_restore import newest_tokens, settle_after_restore
from bot.inbox import due_people
from bot.replies import Reply
from bot.zalo.oauth import TokenPair
from store.backup import BackupError, back_up, restore_from
from store.engine import is_sqlite, open_engine, read_tx, write_tx
from store.migrate import newest_revision, upgrade
from store.schema import counters, inbox_events, oa_tokens, staff_tasks, turns
from store.schema import outbox as outbox_table
from tests.bot.support import OA, START, MovableClock, WallClock, accept, text_event
from tests.bot.support_web import ACCOUNT
from tests.bot.support_zalo import PostOffice, account_at, token_store
from tests.bot.test_worker import new_worker, running
from tests.support.simulator import RunningSimulator

LATER = START + timedelta(hours=3)


def one(engine: Engine, query: Any) -> Any:
    with read_tx(engine) as connection:
        return connection.execute(query).scalar()


def column(engine: Engine, query: Any) -> list[Any]:
    with read_tx(engine) as connection:
        return [row[0] for row in connection.execute(query)]


def texts(engine: Engine) -> list[str]:
    return [
        reply["text"] for reply in column(engine, select(outbox_table.c.reply).order_by(outbox_table.c.id))
    ]


def queue(engine: Engine, person: str, words: str) -> None:
    with write_tx(engine) as connection:
        outbox.enqueue(connection, OA, person, [Reply(text=words)], f"{person}/{words}", START)


def same_again(engine: Engine) -> Engine:
    """Another process's connections to the same database."""
    return open_engine(engine.url.render_as_string(hide_password=False))


# ── backup ──────────────────────────────────────────────────────────────────────────────────────


def write_pairs(engine: Engine, name: str, stop: threading.Event, counted: dict[str, int]) -> None:
    """Two rows in one transaction, over and over: a whole copy never has one without the other."""
    n = 0
    while not stop.is_set():
        n += 1
        with write_tx(engine) as connection:
            for side in ("left", "right"):
                row = {"oa_id": f"{name}{n}", "name": side, "value": n}
                connection.execute(insert(counters).values(**row))
        counted[name] = n


def test_a_backup_while_two_threads_write_is_whole(engine: Engine, tmp_path: Path) -> None:
    stop = threading.Event()
    counted: dict[str, int] = {}
    writers = [
        threading.Thread(target=write_pairs, args=(engine, name, stop, counted)) for name in ("a", "b")
    ]
    for writer in writers:
        writer.start()
    while len(counted) < 2:
        time.sleep(0.01)
    sizes = [back_up(engine, tmp_path / f"copy{n}.backup") for n in range(3)]
    stop.set()
    for writer in writers:
        writer.join()
    assert all(size > 1000 for size in sizes)
    written = sum(counted.values()) * 2
    for n in range(3):
        restore_from(engine, tmp_path / f"copy{n}.backup")
        left = set(column(engine, select(counters.c.oa_id).where(counters.c.name == "left")))
        right = set(column(engine, select(counters.c.oa_id).where(counters.c.name == "right")))
        assert left == right
        assert 4 <= len(left) * 2 <= written


def test_a_backup_is_for_its_owner_only_from_the_first_byte(engine: Engine, tmp_path: Path) -> None:
    seen: set[int] = set()
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            for path in tmp_path.glob("mine.backup*"):
                try:
                    seen.add(stat.S_IMODE(path.stat().st_mode))
                except FileNotFoundError:
                    continue

    with write_tx(engine) as connection:
        rows = [{"oa_id": str(n), "name": "x" * 40, "value": n} for n in range(20_000)]
        connection.execute(insert(counters), rows)
    old = os.umask(0)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        back_up(engine, tmp_path / "mine.backup")
    finally:
        stop.set()
        watcher.join()
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "mine.backup").stat().st_mode) == 0o600
    assert seen == {0o600}
    assert [path.name for path in tmp_path.glob("mine.backup*")] == ["mine.backup"]


def test_an_existing_file_is_not_overwritten(engine: Engine, tmp_path: Path) -> None:
    target = tmp_path / "old.backup"
    target.write_text("precious")
    with pytest.raises(BackupError, match=r"không ghi đè / file exists: .*old\.backup"):
        back_up(engine, target)
    assert target.read_text() == "precious"


def test_a_missing_folder_is_made_and_an_impossible_one_is_told(engine: Engine, tmp_path: Path) -> None:
    back_up(engine, tmp_path / "new" / "folder" / "a.backup")
    (tmp_path / "file").write_text("x")
    with pytest.raises(BackupError, match="Không sao lưu được / backup failed"):
        back_up(engine, tmp_path / "file" / "a.backup")


def test_a_sqlite_backup_is_one_plain_file(sqlite_engine: Engine, tmp_path: Path) -> None:
    queue(sqlite_engine, "p", "một")
    target = tmp_path / "copies" / "a.backup"
    back_up(sqlite_engine, target)
    assert [path.name for path in target.parent.iterdir()] == ["a.backup"]
    with sqlite3.connect(target) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM outbox").fetchone() == (1,)


def test_a_broken_database_is_not_called_backed_up(sqlite_engine: Engine, tmp_path: Path) -> None:
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE inbox_events")
    with pytest.raises(BackupError, match="damaged"):
        back_up(sqlite_engine, tmp_path / "a.backup")
    assert list(tmp_path.glob("a.backup*")) == []


# ── restore ─────────────────────────────────────────────────────────────────────────────────────


def test_restore_replaces_everything_under_open_connections(engine: Engine, tmp_path: Path) -> None:
    queue(engine, "p", "trước")
    back_up(engine, tmp_path / "a.backup")
    queue(engine, "p", "sau")
    other = same_again(engine)
    with other.connect() as idle:
        assert len(idle.execute(select(outbox_table)).all()) == 2
        idle.rollback()  # the connection stays open
        restore_from(engine, tmp_path / "a.backup")
        assert texts(engine) == ["trước"]
        assert len(idle.execute(select(outbox_table)).all()) == 1
    assert texts(other) == ["trước"]
    queue(other, "p", "nữa")
    assert texts(engine) == ["trước", "nữa"]
    if is_sqlite(engine):
        assert one(engine, text("PRAGMA integrity_check")) == "ok"
        assert one(engine, text("PRAGMA journal_mode")) == "wal"
    other.dispose()


def test_restore_under_working_threads_loses_no_thread(engine: Engine, tmp_path: Path) -> None:
    back_up(engine, tmp_path / "a.backup")
    stop = threading.Event()
    counted: dict[str, int] = {}
    others = [same_again(engine) for _ in range(2)]
    troubles: list[Exception] = []

    def keep_writing(other: Engine, name: str) -> None:
        n = 0
        while not stop.is_set():
            n += 1
            try:
                queue(other, "p", f"{name}{n}")
            except Exception as error:  # a restore may break one transaction off, as any outage may
                troubles.append(error)
            else:
                counted[name] = n

    threads = [
        threading.Thread(target=keep_writing, args=(other, name))
        for other, name in zip(others, "ab", strict=True)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    restore_from(engine, tmp_path / "a.backup")
    after = dict(counted)
    time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert all(counted[name] > after[name] for name in "ab")
    assert len(troubles) <= 4
    for other in others:
        other.dispose()


def test_a_backup_of_a_newer_program_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    queue(engine, "p", "trước")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_next'"))
    back_up_unchecked(engine, tmp_path / "a.backup")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :now"), {"now": newest_revision()})
    queue(engine, "p", "sau")
    with pytest.raises(BackupError, match="newer version"):
        restore_from(engine, tmp_path / "a.backup")
    assert texts(engine) == ["trước", "sau"]


def back_up_unchecked(engine: Engine, target: Path) -> None:
    """As the newer program would have made it."""
    if not is_sqlite(engine):
        back_up(engine, target)
        return
    with sqlite3.connect(str(engine.url.database)) as live, sqlite3.connect(target) as copy:
        live.backup(copy)


Spoil = Callable[[Engine, Path, Path], None]


def missing(_engine: Engine, _good: Path, target: Path) -> None:
    target.unlink(missing_ok=True)


def empty(_engine: Engine, _good: Path, target: Path) -> None:
    target.write_bytes(b"")


def cut_short(_engine: Engine, good: Path, target: Path) -> None:
    data = good.read_bytes()
    target.write_bytes(data[: len(data) // 2])


def overwritten(_engine: Engine, good: Path, target: Path) -> None:
    data = bytearray(good.read_bytes())
    middle = len(data) // 3
    data[middle : middle * 2] = b"\xff" * middle
    target.write_bytes(bytes(data))


def something_else(_engine: Engine, _good: Path, target: Path) -> None:
    target.write_text("<html>không phải bản sao lưu</html>" * 100)


def a_folder(_engine: Engine, _good: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    target.mkdir()


def anothers_database(engine: Engine, _good: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    if is_sqlite(engine):
        with sqlite3.connect(target) as foreign:
            foreign.execute("CREATE TABLE notes (words TEXT)")
        return
    name = f"{engine.url.database}_foreign"
    admin = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    foreign_engine = open_engine(engine.url.set(database=name).render_as_string(hide_password=False))
    with foreign_engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (words TEXT)"))
    back_up(foreign_engine, target)
    foreign_engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    admin.dispose()


@pytest.mark.parametrize(
    "spoil", [missing, empty, cut_short, overwritten, something_else, a_folder, anothers_database]
)
def test_a_useless_file_is_refused_and_nothing_changes(engine: Engine, tmp_path: Path, spoil: Spoil) -> None:
    with write_tx(engine) as connection:
        rows = [{"oa_id": f"{n:06}", "name": os.urandom(15).hex(), "value": n} for n in range(3000)]
        connection.execute(insert(counters), rows)
    good = tmp_path / "good.backup"
    back_up(engine, good)
    bad = tmp_path / "bad.backup"
    shutil.copy(good, bad)
    spoil(engine, good, bad)
    queue(engine, "p", "còn đây")
    with pytest.raises(BackupError) as told:
        restore_from(engine, bad)
    assert len(str(told.value)) > 10
    assert texts(engine) == ["còn đây"]
    assert len(column(engine, select(counters.c.value))) == 3000
    queue(engine, "p", "vẫn ghi được")
    restore_from(engine, good)
    assert texts(engine) == []


@pytest.mark.parametrize("name", ["có dấu cách & ?x=1#%20.backup", "-rf.backup"])
def test_odd_file_names(engine: Engine, tmp_path: Path, name: str) -> None:
    queue(engine, "p", "trước")
    back_up(engine, tmp_path / name)
    queue(engine, "p", "sau")
    restore_from(engine, tmp_path / name)
    assert texts(engine) == ["trước"]


def test_the_password_of_the_database_is_not_shown(tmp_path: Path) -> None:
    engine = open_engine("postgresql://ward:bi-mat@127.0.0.1:1/none")
    with pytest.raises(BackupError) as told:
        back_up(engine, tmp_path / "a.backup")
    assert "bi-mat" not in str(told.value)


def test_without_the_tools_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="postgresql-client"):
        back_up(open_engine("postgresql://ward@127.0.0.1:1/none"), tmp_path / "a.backup")


# ── after a restore ─────────────────────────────────────────────────────────────────────────────


def tasks(engine: Engine) -> list[tuple[str, str | None]]:
    query = select(staff_tasks.c.kind, staff_tasks.c.person_id).where(staff_tasks.c.done_at.is_(None))
    with read_tx(engine) as connection:
        return sorted((row.kind, row.person_id) for row in connection.execute(query))


def restore_and_settle(engine: Engine, source: Path) -> int:
    tokens = newest_tokens(engine, OA)
    restore_from(engine, source)
    return settle_after_restore(engine, OA, tokens, LATER)


def test_what_waited_in_the_backup_is_for_people_to_look_at(engine: Engine, tmp_path: Path) -> None:
    queue(engine, "p", "đang gửi")
    with write_tx(engine) as connection:
        outbox.claim(connection, OA, "s", START, 1000)
    queue(engine, "q", "đang chờ")
    queue(engine, "r", "đã gửi")
    with write_tx(engine) as connection:
        connection.execute(update(outbox_table).where(outbox_table.c.person_id == "r").values(state="sent"))
    accept(engine, text_event("s", "chưa trả lời", "m1"))
    back_up(engine, tmp_path / "a.backup")
    assert restore_and_settle(engine, tmp_path / "a.backup") == 3
    states = column(engine, select(outbox_table.c.state).order_by(outbox_table.c.id))
    assert states == ["unknown", "unknown", "sent"]
    assert column(engine, select(inbox_events.c.state)) == ["failed"]
    assert tasks(engine) == [("event_unknown", "s"), ("send_unknown", "p"), ("send_unknown", "q")]
    assert due_people(engine, LATER) == []
    with read_tx(engine) as connection:
        assert not outbox.anything_due(connection, OA, LATER)


def test_what_comes_in_after_the_restore_is_answered(engine: Engine, tmp_path: Path) -> None:
    back_up(engine, tmp_path / "a.backup")
    restore_from(engine, tmp_path / "a.backup")
    accept(engine, text_event("p", "mới", "m1"))  # before the settling is done
    queue(engine, "p", "mới")
    assert settle_after_restore(engine, OA, None, LATER) == 0
    assert due_people(engine, LATER) == [(OA, "p")]
    with read_tx(engine) as connection:
        assert outbox.anything_due(connection, OA, LATER)


def test_the_newest_tokens_survive_the_restore(engine: Engine, tmp_path: Path) -> None:
    store = token_store(engine, ACCOUNT, MovableClock())
    store.install(TokenPair("old-access", "old-refresh"))
    back_up(engine, tmp_path / "a.backup")
    store.install(TokenPair("new-access", "new-refresh"))
    kept = newest_tokens(engine, OA)
    restore_and_settle(engine, tmp_path / "a.backup")
    assert store.access_token() == "new-access"
    assert newest_tokens(engine, OA) == kept
    assert one(engine, select(oa_tokens.c.version)) == 1


def test_a_restore_into_an_empty_installation_keeps_the_backups_tokens(
    database_url: str, tmp_path: Path
) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    token_store(engine, ACCOUNT, MovableClock()).install(TokenPair("access", "refresh"))
    back_up(engine, tmp_path / "a.backup")
    with write_tx(engine) as connection:
        connection.execute(oa_tokens.delete())
    restore_and_settle(engine, tmp_path / "a.backup")
    assert token_store(engine, ACCOUNT, MovableClock()).access_token() == "access"
    engine.dispose()


def test_nobody_is_told_twice_even_with_a_worker_running(engine: Engine, tmp_path: Path) -> None:
    """The backup says two messages and an event wait; since then all were dealt with. A worker runs on."""
    with RunningSimulator() as zalo:
        post = PostOffice(engine, account_at(zalo.api_url, zalo.oauth_url), WallClock())
        post.install_token(zalo)
        lan = zalo.add("Cô Lan")
        zalo.say(lan, "Xin chào")
        post.queue(lan, "một", "hai")
        now = datetime.now(UTC)
        accept(engine, text_event(lan, "ba", "m1", now), at=now)
        back_up(engine, tmp_path / "a.backup")
        worker = new_worker(post)
        with running(worker):
            zalo.wait_for_texts(lan, 3, timeout=20)
            for _ in range(3):
                restore_and_settle(engine, tmp_path / "a.backup")
                time.sleep(0.5)
        assert sorted(zalo.texts(lan)) == ["1: ba", "hai", "một"]
    assert [kind for kind, _ in tasks(engine)] == ["event_unknown", "send_unknown", "send_unknown"]
    assert column(engine, select(turns.c.id)) == []
