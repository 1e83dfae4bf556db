"""A PostgreSQL server of the tests' own, in a temporary folder, on a free port of the loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg.sql import SQL, Identifier

from store.engine import open_engine
from store.migrate import upgrade
from tests.support.machine import postgres_bin


class PostgresServer:
    """Context manager; PostgreSQL refuses to run as root, so root borrows the `postgres` user."""

    def __init__(self, folder: Path) -> None:
        self._tools = postgres_bin()
        self._as = [_runuser(), "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.port = _free_port()
        self._admin: psycopg.Connection | None = None
        self._template: str | None = None

    def __enter__(self) -> PostgresServer:
        # not below pytest's folder, which only its owner may enter
        root = os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")
        self._folder = tempfile.TemporaryDirectory(prefix="ward-postgres-", dir=root)
        self._data = Path(self._folder.name) / "data"
        if self._as:
            owner = pwd.getpwnam("postgres")
            os.chown(self._folder.name, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "--auth=trust", "--username=ward", "--encoding=UTF8", "--no-sync", "--locale=C")
        settings = (
            "listen_addresses=127.0.0.1",
            "fsync=off",
            "full_page_writes=off",
            "wal_level=minimal",
            "max_wal_senders=0",
            "unix_socket_directories=",
            "max_connections=300",
        )
        options = " ".join([f"-p {self.port}", *(f"-c {setting}" for setting in settings)])
        self._run(
            "pg_ctl", "--wait", "--silent", f"--options={options}", f"--log={self._folder.name}/log", "start"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._admin is not None:
            self._admin.close()
        self._run("pg_ctl", "--wait", "--silent", "--mode=immediate", "stop")
        self._folder.cleanup()

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://ward@127.0.0.1:{self.port}/{database}"

    def new_database(self, migrated: bool) -> str:
        """Its name. Migrated ones are copies of one that was migrated once."""
        name = f"t{uuid.uuid4().hex}"
        self._order(
            SQL("CREATE DATABASE {} TEMPLATE {}"), name, self._migrated() if migrated else "template1"
        )
        return name

    def drop(self, name: str) -> None:
        self._order(SQL("DROP DATABASE {} WITH (FORCE)"), name)

    def _migrated(self) -> str:
        if self._template is None:
            name = self.new_database(migrated=False)
            engine = open_engine(self.url(name))
            upgrade(engine)
            engine.dispose()
            self._template = name
        return self._template

    def _order(self, statement: SQL, *names: str) -> None:
        if self._admin is None:
            self._admin = psycopg.connect(
                host="127.0.0.1", port=self.port, user="ward", dbname="postgres", autocommit=True
            )
        self._admin.execute(statement.format(*map(Identifier, names)))

    def _run(self, tool: str, *arguments: str) -> None:
        assert self._tools is not None
        command = [*self._as, str(self._tools / tool), f"--pgdata={self._data}", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


def _runuser() -> str:
    """Debian keeps it where a bare PATH does not look."""
    return shutil.which("runuser") or "/usr/sbin/runuser"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
