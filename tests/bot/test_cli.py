"""`python -m bot …` as an IT person runs it: exit codes, words in both languages, nothing secret."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text

from bot.clock import Clock
from bot.zalo.oauth import TokenPair
from store.engine import open_engine, read_tx, write_tx
from store.migrate import upgrade
from store.schema import heartbeats, inbox_events, outbox, staff_tasks, turns
from tests.bot.support import KEY, WallClock, accept, text_event
from tests.bot.support_zalo import PostOffice, account_at, free_port, token_store
from tests.support.house import ROOT, clean_environment, furnish, zalo_environment
from tests.support.simulator import RunningSimulator

OA_SIMULATED = account_at("http://127.0.0.1:1", "http://127.0.0.1:1")
NOW = datetime.now(UTC)


@dataclass
class Installation:
    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str, typed: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**clean_environment(), **self.environment, **more}
        command = [sys.executable, "-m", "bot", *arguments]
        return subprocess.run(
            command, env=environment, cwd=ROOT, input=typed, capture_output=True, text=True, timeout=120
        )

    def engine(self) -> Engine:
        engine = open_engine(self.environment["DATABASE_URL"])
        upgrade(engine)
        return engine

    def post(self) -> PostOffice:
        return PostOffice(self.engine(), OA_SIMULATED, WallClock())


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    """An installation without a Zalo, in a folder of its own."""
    url = f"sqlite:///{furnish(tmp_path / 'var')}/ward.db"
    return Installation(tmp_path, {"DATABASE_URL": url, "SECRET_KEY": KEY, "PORT": str(free_port())})


def install_token(here: Installation, access: str = "an-access-token") -> None:
    store = token_store(here.engine(), OA_SIMULATED, WallClock())
    store.install(TokenPair(access, "a-refresh-token"))


VIETNAMESE = re.compile(
    "[ăâđêôơưáàảãạéèẻẽẹíìỉĩịóòỏõọúùủũụýỳỷỹỵấầẩẫậắằẳẵặếềểễệốồổỗộớờởỡợứừửữự]", re.IGNORECASE
)


def assert_both_languages(line: str) -> None:
    vietnamese, _, english = line.partition(" / ")
    assert VIETNAMESE.search(vietnamese), line
    assert re.search("[a-z]{2,}", english), line


# ── doctor ──────────────────────────────────────────────────────────────────────────────────────


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"✓": [], "!": [], "✗": []}
    for line in done.stdout.splitlines():
        if line[:1] in found:
            assert_both_languages(line[2:])
            found[line[0]].append(line[2:])
    return found


def test_doctor_on_a_new_installation_names_the_missing_token(here: Installation) -> None:
    done = here.run("doctor")
    assert done.returncode == 1, done.stderr
    found = findings(done)
    assert [line for line in found["✗"] if "no Zalo token" not in line] == []
    assert any("the simulator takes Zalo's place" in line for line in found["!"])
    assert any("the sample ward is in use" in line for line in found["!"])
    assert any("no worker is running" in line for line in found["!"])
    assert any("database is well (sqlite)" in line for line in found["✓"])
    assert any(re.search(r"\d+ procedures", line) for line in found["✓"])
    assert "→ lấy refresh token" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 lỗi / errors")


def test_doctor_is_content_when_nothing_is_broken(here: Installation) -> None:
    install_token(here)
    Clock(here.engine(), "c", (), WallClock()).beat()
    done = here.run("doctor")
    assert done.returncode == 0, done.stdout
    assert findings(done)["✗"] == []
    assert "an-access-token" not in done.stdout + done.stderr


def test_doctor_tells_what_waits_and_what_is_stuck(here: Installation) -> None:
    install_token(here)
    engine = here.engine()
    old = NOW - timedelta(minutes=5)
    accept(engine, text_event("p", "bị quên", "m1", old), at=old)
    post = here.post()
    for number, state in enumerate(("unknown", "dead", "restored")):
        post.queue("p", f"tin {number}")
        with write_tx(engine) as connection:
            newest = outbox.c.dedupe_key == f"p/tin {number}:0"
            connection.execute(outbox.update().where(newest).values(state=state))
    with write_tx(engine) as connection:
        kind = {"oa_id": OA_SIMULATED.oa_id, "kind": "send_unknown", "ref": "1"}
        connection.execute(insert(staff_tasks).values(**kind, detail={}, created_at=NOW))
        connection.execute(insert(heartbeats).values(name="worker", at=old))
    done = here.run("doctor")
    assert done.returncode == 1
    found = findings(done)
    assert any("oldest event waits since" in line for line in found["✗"])
    assert any("a restore was cut short" in line for line in found["✗"])
    assert any("1 unknown, 1 dead messages" in line for line in found["!"])
    assert any("1 open staff tasks" in line for line in found["!"])
    assert "bị quên" not in done.stdout


def test_doctor_with_a_real_oa_asks_zalo_about_it(tmp_path: Path) -> None:
    with RunningSimulator() as zalo:
        url = f"sqlite:///{tmp_path}/var/ward.db"
        here = Installation(tmp_path, zalo_environment(zalo, url, PUBLIC_URL="https://phuong.example"))
        assert here.run("oauth", "status").returncode == 1
        store = token_store(here.engine(), account_at(zalo.api_url, zalo.oauth_url), WallClock())
        grant = zalo.zalo.issue_tokens()
        store.install(TokenPair(grant["access_token"], grant["refresh_token"], int(grant["expires_in"])))
        done = here.run("doctor")
    assert done.returncode == 0, done.stdout
    assert any("Phường Mẫu (giả lập)" in line for line in findings(done)["✓"])


def test_doctor_goes_on_when_one_part_is_broken(here: Installation) -> None:
    done = here.run("doctor", WARD_DIR=str(here.folder))
    assert done.returncode == 1
    found = findings(done)
    assert any("check failed: ward" in line for line in found["✗"])
    assert any("database is well" in line for line in found["✓"])


def test_doctor_without_a_database_says_so(here: Installation) -> None:
    done = here.run("doctor", DATABASE_URL="postgresql://ward:bi-mat@127.0.0.1:1/none")
    assert done.returncode == 1
    assert any("check failed: database" in line for line in findings(done)["✗"])
    assert "bi-mat" not in done.stdout + done.stderr


# ── wrong settings and wrong words ──────────────────────────────────────────────────────────────


def test_a_wrong_setting_is_told_without_a_traceback(here: Installation) -> None:
    done = here.run("doctor", PORT="abc")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Cấu hình sai / wrong settings" in done.stderr
    assert "PORT" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["run"], ["web"], ["worker"], ["oauth", "status"]])
def test_half_a_zalo_is_told_before_anything_starts(here: Installation, command: list[str]) -> None:
    done = here.run(*command, ZALO_APP_ID="4400000000000000001")
    assert done.returncode == 2, done.stderr
    assert "Còn thiếu / missing: ZALO_APP_SECRET, ZALO_OA_ID, ZALO_OA_SECRET" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_ward_folder_that_cannot_be_read_is_told(here: Installation) -> None:
    install_token(here)
    done = here.run("worker", WARD_DIR=str(here.folder / "nowhere"))
    assert done.returncode == 2
    assert "ward.toml: không có tệp này" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_away_is_told(here: Installation) -> None:
    done = here.run("staff", DATABASE_URL="postgresql://ward:bi-mat@127.0.0.1:1/none")
    assert done.returncode == 2
    assert "Không nối được cơ sở dữ liệu / cannot reach the database" in done.stderr
    assert "bi-mat" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_of_a_newer_program_is_left_alone(here: Installation) -> None:
    with here.engine().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_next'"))
    done = here.run("staff")
    assert done.returncode == 2
    assert "Cơ sở dữ liệu của phiên bản khác / schema of another version" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [[], ["fly"], ["staff", "done", "x"], ["restore"], ["oauth"]])
def test_wrong_words_get_the_usage(here: Installation, arguments: list[str]) -> None:
    done = here.run(*arguments)
    assert done.returncode == 2
    assert "usage: python -m bot" in done.stderr


# ── staff ───────────────────────────────────────────────────────────────────────────────────────


def test_staff_lists_and_closes(here: Installation) -> None:
    done = here.run("staff")
    assert (done.returncode, done.stderr) == (0, "")
    heads = done.stdout.splitlines()
    assert heads == ["Việc chờ cán bộ / open tasks: 0", "Phiếu chờ trả lời / open cases: 0"]
    with write_tx(here.engine()) as connection:
        for kind in ("send_unknown", "zalo_alert", "something_new"):
            task = insert(staff_tasks).values(oa_id="1", kind=kind, ref="7", detail={}, created_at=NOW)
            connection.execute(task)
    listed = here.run("staff", "list").stdout
    assert "open tasks: 3" in listed
    assert "send_unknown: tin chưa rõ đã tới chưa  [7]" in listed
    assert "something_new: something_new" in listed
    closed = here.run("staff", "done", "1")
    assert (closed.returncode, closed.stdout) == (0, "Đã xong / done\n")
    again = here.run("staff", "done", "1")
    assert (again.returncode, again.stdout) == (1, "Không có việc này / no such open task\n")
    assert "open tasks: 2" in here.run("staff").stdout
    assert here.run("staff", "done").returncode == 2


# ── oauth ───────────────────────────────────────────────────────────────────────────────────────


def test_oauth_status_shows_everything_but_the_token(here: Installation) -> None:
    none = here.run("oauth", "status")
    assert (none.returncode, none.stderr) == (1, "")
    assert "Chưa có mã truy cập / no token yet" in none.stdout
    install_token(here)
    done = here.run("oauth", "status")
    assert done.returncode == 0
    for line in done.stdout.splitlines():
        assert_both_languages(line)
    assert "trục trặc / trouble: không / none" in done.stdout
    assert "token-" not in done.stdout
    assert "an-access" not in done.stdout


def test_oauth_install_exchanges_the_pasted_token_and_never_shows_it(tmp_path: Path) -> None:
    with RunningSimulator() as zalo:
        url = f"sqlite:///{tmp_path}/var/ward.db"
        environment = zalo_environment(zalo, url)
        here = Installation(tmp_path, {**environment, "ZALO_REFRESH_TOKEN": ""})
        refresh = zalo.zalo.issue_tokens()["refresh_token"]
        done = here.run("oauth", "install", typed=refresh + "\n")
        assert done.returncode == 0, done.stderr
        assert refresh not in done.stdout + done.stderr
        twice = here.run("oauth", "install", typed=refresh + "\n")
        assert twice.returncode == 1
        assert "Không được / failed" in twice.stderr
        assert refresh not in twice.stderr
        assert here.run("oauth", "refresh").returncode == 0
        assert zalo.counters()["oauth_refresh"] == 3


# ── backup, restore, purge ──────────────────────────────────────────────────────────────────────


def test_backup_restore_and_purge(here: Installation) -> None:
    post = here.post()
    post.queue("p", "trước")
    done = here.run("backup")
    assert done.returncode == 0, done.stderr
    assert_both_languages(done.stdout.splitlines()[0])
    (made,) = (here.folder / "var" / "backup").iterdir()
    assert made.name in done.stdout
    assert stat.S_IMODE(made.stat().st_mode) == 0o600

    post.queue("p", "sau")
    unsure = here.run("restore", str(made))
    assert (unsure.returncode, unsure.stdout) == (1, "Không phục hồi / not restored\n")
    missing = here.run("restore", "--yes", str(here.folder / "nothing"))
    assert missing.returncode == 1
    assert "Không có tệp / no such file" in missing.stderr
    assert len(post.rows()) == 2

    restored = here.run("restore", "--yes", str(made))
    assert restored.returncode == 0, restored.stderr
    for line in restored.stdout.splitlines():
        assert_both_languages(line)
    assert "messages to look at: 1" in restored.stdout
    assert [(row.reply["text"], row.state) for row in post.rows()] == [("trước", "unknown")]
    assert "send_unknown" in here.run("staff").stdout
    saved = [path for path in (here.folder / "var" / "backup").iterdir() if "truoc-phuc-hoi" in path.name]
    assert saved

    onto_itself = here.run("backup", str(made))
    assert onto_itself.returncode == 1
    assert "không ghi đè / file exists" in onto_itself.stderr


def test_purge_says_how_much(here: Installation) -> None:
    engine = here.engine()
    old = NOW - timedelta(days=70)
    row = {"oa_id": "1", "person_id": "p", "event_id": 1, "at": old, "text": "cũ", "normalized": "cu"}
    with write_tx(engine) as connection:
        connection.execute(insert(turns).values(**row, outcome="answered", candidates=[], milliseconds=1))
    done = here.run("purge")
    assert done.returncode == 0, done.stderr
    expected = "0 tin gốc / raw events, 1 lời nhắn / words of turns, 0 tin gửi đi / words of messages"
    assert done.stdout.startswith(f"Đã xóa / removed: {expected}, 0 bản nháp / drafts, ")
    assert_both_languages(done.stdout)
    with read_tx(engine) as connection:
        assert connection.execute(select(turns.c.text)).scalar() is None
        assert connection.execute(select(inbox_events.c.id)).all() == []


def test_the_made_key_is_kept_beside_the_database(here: Installation) -> None:
    install_token(here)
    done = here.run("oauth", "refresh", SECRET_KEY="")
    key = here.folder / "var" / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert done.returncode == 1  # sealed under another key: told, not guessed
    assert "Không được / failed" in done.stderr
    assert key.read_text().strip() not in done.stdout + done.stderr
