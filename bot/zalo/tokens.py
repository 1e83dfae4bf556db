"""The OA's token pair in the database: one refresher at a time, across processes, and no blind retry.

A refresh token works once. Before a refresh leaves, a mark is committed (`refresh_began_at`); the new pair
is committed before anybody uses it. A mark without an answer means the grant may be lost: a person decides.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, RowMapping, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.zalo.oauth import OAuthClient, OAuthRefused, TokenPair, usable_token
from bot.zalo.transport import Unclear, Unreachable
from store.engine import read_tx, write_tx
from store.schema import oa_tokens, staff_tasks
from store.secrets import SecretBox, SecretsUnreadable

REFRESH_BEFORE = timedelta(hours=2)
REFRESH_SHARE = 5  # a token of a short life is renewed in its last fifth
STALE_AFTER = timedelta(seconds=60)
WAIT_S = 25.0
POLL_S = 0.1
TASK_KIND = "zalo_token"
_TROUBLE_CHARACTERS = 120
_KEEP_TRIES = 3

_AGAIN = "Thử lại một lần; nếu bị từ chối, cấp quyền mới bằng lệnh oauth."
_ADVICE = {
    "refused": "Zalo từ chối gia hạn quyền truy cập của OA. Cấp quyền mới bằng lệnh oauth.",
    "unclear": f"Lần gia hạn quyền truy cập của OA không rõ kết quả. {_AGAIN}",
    "stale": f"Lần gia hạn quyền truy cập của OA bị ngắt giữa chừng. {_AGAIN}",
}

log = structlog.get_logger(__name__)


class TokenTrouble(Exception):
    """No usable token, and only a person can help."""


class TokenBusy(Exception):
    """No usable token now; trying again later is right."""


@dataclass(frozen=True)
class TokenStatus:
    """For the operator's check: what is known without showing a token."""

    version: int
    expires_at: datetime
    refreshed_at: datetime | None
    trouble: str | None


_TOKENS = select(oa_tokens).where(oa_tokens.c.oa_id == bindparam("oa"))
"""Built once: every send asks."""


class TokenStore:
    """The one place that reads and changes tokens. `owner` names this process in the mark."""

    def __init__(
        self,
        engine: Engine,
        box: SecretBox,
        oauth: OAuthClient,
        oa_id: str,
        owner: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._box = box
        self._oauth = oauth
        self._oa_id = oa_id
        self._owner = owner[:80]
        self._now = now

    # --- what others use -------------------------------------------------------------------------

    def install(self, pair: TokenPair) -> None:
        """Keep a pair that a person brought; troubles and their tasks are settled with it."""
        if not (usable_token(pair.access_token) and usable_token(pair.refresh_token)):
            raise ValueError("a token is printable ASCII")
        if not self._start(pair.refresh_token, self._sealed(pair)):
            with write_tx(self._engine) as connection:
                new = {**self._sealed(pair), "previous_refresh_token": oa_tokens.c.refresh_token}
                connection.execute(self._update().values(version=oa_tokens.c.version + 1, **new))
                self._settle_tasks(connection)

    def start_with(self, refresh_token: str) -> bool:
        """Keep a first refresh token, if there is no row yet. Raises ValueError for an impossible one."""
        if not usable_token(refresh_token):
            raise ValueError("a refresh token is printable ASCII")
        return self._start(refresh_token, {})

    def access_token(self) -> str:
        """A token to send with, refreshed when near its end. Raises TokenTrouble or TokenBusy."""
        row = self._row()
        if self._is_fresh(row) or (row["trouble"] and self._lives(row)):
            return self._access(row)
        return self._refreshed(row, rejected=False)

    def renew(self, rejected: str) -> str:
        """Another token than `rejected`, which Zalo refused. Raises TokenTrouble or TokenBusy."""
        row = self._row()
        if row["access_token"] is not None and self._access(row) != rejected:
            return self._access(row)
        return self._refreshed(row, rejected=True)

    def resume(self) -> str:
        """A person's deliberate retry after a trouble: one more refresh with the stored refresh token."""
        stale = oa_tokens.c.refresh_began_at < self._now() - STALE_AFTER
        stuck = self._update().where(oa_tokens.c.trouble.is_not(None) | stale)
        with write_tx(self._engine) as connection:  # a refresh that is under way is left alone
            connection.execute(stuck.values(trouble=None, **_NO_MARK))
            self._settle_tasks(connection)
        return self._refreshed(self._row(), rejected=True)

    def status(self) -> TokenStatus | None:
        row = self._find()
        return TokenStatus(**{name: row[name] for name in _STATUS}) if row else None

    # --- refreshing ------------------------------------------------------------------------------

    def _refreshed(self, row: RowMapping, *, rejected: bool) -> str:
        if row["trouble"]:
            raise self._trouble_of(row, rejected=rejected)
        refresh_token = self._open(row["refresh_token"])  # unreadable: find out before the mark is set
        if self._claim(row):
            return self._refresh_claimed(row, refresh_token, rejected=rejected)
        return self._wait_for_other(row, rejected=rejected)

    def _claim(self, row: RowMapping) -> bool:
        mark = {"refresh_began_at": self._now(), "refresh_began_by": self._owner}
        free = (oa_tokens.c.refresh_began_at.is_(None), oa_tokens.c.trouble.is_(None))
        with write_tx(self._engine) as connection:
            return connection.execute(self._update(row).where(*free).values(mark)).rowcount == 1

    def _refresh_claimed(self, row: RowMapping, refresh_token: str, *, rejected: bool) -> str:
        try:
            pair = self._oauth.refresh(refresh_token)
        except Unreachable as error:
            self._release(row)
            return self._old_or(row, TokenBusy("the OAuth server was not reached"), rejected, error)
        except OAuthRefused as error:
            return self._in_trouble(row, "refused", str(error), rejected=rejected)
        except Unclear as error:
            return self._in_trouble(row, "unclear", str(error), rejected=rejected)
        self._keep(row, pair)
        return pair.access_token

    def _release(self, row: RowMapping) -> None:
        """Nothing was sent. While we tried, others may have called our mark stale: that was wrong."""
        ours = oa_tokens.c.refresh_began_by == self._owner
        with write_tx(self._engine) as connection:
            free = self._update(row).where(ours).values(trouble=None, **_NO_MARK)
            if connection.execute(free).rowcount == 1:
                self._settle_tasks(connection)

    def _keep(self, row: RowMapping, pair: TokenPair) -> None:
        """Commit the new pair; a locked or full disk gets a few tries, for the pair exists only here."""
        new = {
            **self._sealed(pair),
            "version": row["version"] + 1,
            "previous_refresh_token": row["refresh_token"],
        }
        for left in reversed(range(_KEEP_TRIES)):
            try:
                with write_tx(self._engine) as connection:
                    kept = connection.execute(self._update(row).values(new)).rowcount == 1
                    if kept:  # late, after others called the mark stale
                        self._settle_tasks(connection)
                break
            except OperationalError:
                log.error("token_pair_not_stored", tries_left=left)
                if not left:
                    raise
                time.sleep(0.5)
        log.info("token_refreshed" if kept else "token_refresh_overtaken", version=row["version"] + 1)
        if not kept:
            raise TokenBusy("another token was installed during the refresh")

    def _wait_for_other(self, seen: RowMapping, *, rejected: bool) -> str:
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            row = self._row()
            if row["version"] != seen["version"] and row["access_token"] is not None:
                return self._access(row)
            if row["trouble"]:
                return self._old_or(row, self._trouble_of(row, rejected=rejected), rejected)
            if row["refresh_began_at"] is None:
                return self._old_or(
                    row, TokenBusy("another process did not reach the OAuth server"), rejected
                )
            if self._now() - row["refresh_began_at"] > STALE_AFTER:
                return self._in_trouble(row, "stale", row["refresh_began_by"] or "", rejected=rejected)
            time.sleep(POLL_S)
        return self._old_or(self._row(), TokenBusy("another process is refreshing"), rejected)

    # --- trouble ---------------------------------------------------------------------------------

    def _in_trouble(self, row: RowMapping, reason: str, detail: str, *, rejected: bool) -> str:
        """Record the trouble and one staff task; the old token is used while it lives."""
        trouble = f"{reason} {detail}".strip()[:_TROUBLE_CHARACTERS]
        with write_tx(self._engine) as connection:
            first = self._update(row).where(oa_tokens.c.trouble.is_(None)).values(trouble=trouble)
            if connection.execute(first).rowcount == 1:
                connection.execute(insert(staff_tasks).values(self._task(row, reason, trouble)))
                log.error("token_trouble", reason=reason, version=row["version"])
        now = self._row()
        if now["version"] != row["version"]:  # the pair came after all
            return self._access(now)
        return self._old_or(now, self._trouble_of(now, rejected=rejected), rejected)

    def _task(self, row: RowMapping, reason: str, trouble: str) -> dict[str, Any]:
        now = self._now()
        return {
            "oa_id": self._oa_id,
            "kind": TASK_KIND,
            "ref": f"{row['version']} {now.isoformat()}",
            "detail": {"reason": reason, "trouble": trouble, "vi": _ADVICE[reason]},
            "created_at": now,
        }

    def _settle_tasks(self, connection: Connection) -> None:
        is_open = (staff_tasks.c.oa_id == self._oa_id, staff_tasks.c.kind == TASK_KIND)
        done = update(staff_tasks).where(*is_open, staff_tasks.c.done_at.is_(None))
        connection.execute(done.values(done_at=self._now()))

    def _trouble_of(self, row: RowMapping, *, rejected: bool) -> TokenTrouble:
        if rejected and self._lives(row):  # Zalo refused it: nobody needs to try it again
            with write_tx(self._engine) as connection:
                connection.execute(self._update(row).values(expires_at=self._now()))
        return TokenTrouble(row["trouble"] or "no token")

    def _old_or(
        self, row: RowMapping, error: Exception, rejected: bool, cause: Exception | None = None
    ) -> str:
        if self._lives(row) and not rejected:
            return self._access(row)
        raise error from cause

    # --- the row ---------------------------------------------------------------------------------

    def _start(self, refresh_token: str, sealed: dict[str, Any]) -> bool:
        first = {"version": 0, "expires_at": self._now(), "refresh_token": self._box.seal_text(refresh_token)}
        try:
            with write_tx(self._engine) as connection:
                connection.execute(insert(oa_tokens).values(oa_id=self._oa_id, **{**first, **sealed}))
        except IntegrityError:
            return False
        return True

    def _sealed(self, pair: TokenPair) -> dict[str, Any]:
        now = self._now()
        return {
            "access_token": self._box.seal_text(pair.access_token),
            "refresh_token": self._box.seal_text(pair.refresh_token),
            "expires_at": now + timedelta(seconds=pair.expires_in),
            "refreshed_at": now,
            "trouble": None,
            **_NO_MARK,
        }

    def _find(self) -> RowMapping | None:
        with read_tx(self._engine) as connection:
            return connection.execute(_TOKENS, {"oa": self._oa_id}).mappings().one_or_none()

    def _row(self) -> RowMapping:
        row = self._find()
        if row is None:
            raise TokenTrouble("no token yet: grant the rights first")
        return row

    def _update(self, seen: RowMapping | None = None) -> Any:
        query = update(oa_tokens).where(oa_tokens.c.oa_id == self._oa_id)
        return query if seen is None else query.where(oa_tokens.c.version == seen["version"])

    def _lives(self, row: RowMapping) -> bool:
        return row["access_token"] is not None and bool(row["expires_at"] > self._now())

    def _is_fresh(self, row: RowMapping) -> bool:
        if not self._lives(row):
            return False
        life = row["expires_at"] - (row["refreshed_at"] or row["expires_at"])
        margin = min(REFRESH_BEFORE, life / REFRESH_SHARE) if life else REFRESH_BEFORE
        return bool(row["expires_at"] - self._now() >= margin)

    def _access(self, row: RowMapping) -> str:
        return self._open(row["access_token"])

    def _open(self, sealed: bytes) -> str:
        try:
            return self._box.open_text(sealed)
        except SecretsUnreadable as error:
            raise TokenTrouble("the stored token cannot be read with this SECRET_KEY") from error


_NO_MARK: dict[str, Any] = {"refresh_began_at": None, "refresh_began_by": None}
_STATUS = ("version", "expires_at", "refreshed_at", "trouble")
