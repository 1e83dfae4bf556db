"""What citizens write, their names and numbers, and what exceptions quote never reach the log."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine, text

from bot.logs import ALLOWED, person_tag
from bot.replies import Desk, Result, Turn
from store.engine import write_tx
from tests.bot.support import START, MovableClock, accept, conversation, drain_all, text_event
from tests.bot.support_web import Door

WORDS = "Tôi là Nguyễn Thị Mận, số 0912 345 678 hoặc 0912345678, căn cước 079123456789"
SECRETS = ("Nguyễn", "Mận", "0912", "345 678", "079123456789", "căn cước", "7100000000000000011")
PERSON = "7100000000000000011"
Logged = Callable[[], str]


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def assert_silent_about_people(output: str) -> None:
    """The time a line was written is left out: its fraction of a second may be any digits."""
    said = [{key: value for key, value in line.items() if key != "at"} for line in lines(output)]
    assert said
    words = json.dumps(said, ensure_ascii=False)
    assert [secret for secret in SECRETS if secret in words] == []


def breaks(turn: Turn, _desk: Desk) -> Result:
    raise ValueError(f"cannot handle {turn.text!r} of {turn.person_id}")


def test_a_whole_turn_logs_nobody(engine: Engine, logged: Logged) -> None:
    door = Door.of(engine)
    assert door.deliver(text_event(PERSON, WORDS, "m1")) == 200
    door.post(b"junk " + WORDS.encode())
    drain_all(engine, conversation())
    output = logged()
    assert_silent_about_people(output)
    (turn,) = [line for line in lines(output) if line["event"] == "turn"]
    assert (turn["outcome"], turn["person"]) == ("answered", person_tag(PERSON))


def test_a_breaking_handler_logs_kinds_and_places_only(engine: Engine, logged: Logged) -> None:
    accept(engine, text_event(PERSON, WORDS, "m1"))
    clock = MovableClock()
    talk = conversation(breaks, clock)
    for _ in range(5):
        drain_all(engine, talk, clock)
        clock.move(minutes=1)
    output = logged()
    assert_silent_about_people(output)
    failures = [line for line in lines(output) if line["event"] == "handler failed"]
    assert len(failures) == 4
    assert failures[0]["error"] == "ValueError"
    assert any(place.startswith("test_logs.py:") for place in failures[0]["where"])


def test_a_database_error_quotes_no_row(engine: Engine, logged: Logged) -> None:
    log = structlog.get_logger("test")
    try:
        with write_tx(engine) as connection:
            connection.execute(text("INSERT INTO no_such_table VALUES (:words)"), {"words": WORDS})
    except Exception:
        log.error("it broke", exc_info=True)
    output = logged()
    assert_silent_about_people(output)
    (line,) = lines(output)
    assert "Error" in line["error"]
    assert " < " in line["error"]  # the cause is named too


def test_only_allowed_fields_are_written(logged: Logged) -> None:
    allowed = dict.fromkeys(ALLOWED - {"event", "level", "at"}, "x")
    structlog.get_logger("test").warning(
        "said", **allowed, text=WORDS, phone="0912345678", reply={"text": WORDS}
    )
    (line,) = lines(logged())
    assert set(line) == ALLOWED
    assert all(line[name] == "x" for name in allowed)


@pytest.mark.parametrize(
    "value",
    ["gọi 0912345678", ["0912345678"], ("a", "0912345678"), {"số": "0912345678"}, [{"0912345678": 1}]],
    ids=lambda value: type(value).__name__,
)
def test_long_numbers_are_masked_wherever_they_stand(logged: Logged, value: object) -> None:
    structlog.get_logger("test").info("said", reason=value, name=value)
    output = logged()
    assert "0912345678" not in output
    assert "…" in output


def test_people_are_told_apart_without_being_named() -> None:
    assert person_tag(PERSON) == person_tag(PERSON)
    assert person_tag(PERSON) != person_tag("7100000000000000012")
    assert PERSON not in person_tag(PERSON)
    assert len(person_tag(PERSON)) == 8


def test_quieter_levels_are_left_out() -> None:
    program = """
import structlog
from bot.logs import setup_logs
setup_logs("error")
log = structlog.get_logger("t")
log.info("quiet"); log.warning("quiet"); log.error("loud")
"""
    assert [line["event"] for line in lines(run(program))] == ["loud"]


OTHERS = """
import logging, sys
from bot.logs import setup_logs
setup_logs("info")
WORDS = sys.argv[1]
def fail():
    raise RuntimeError(WORDS)
try:
    fail()
except RuntimeError:
    logging.getLogger("apscheduler.executors.default").exception("job %s raised", WORDS)
    logging.getLogger("ward").error("Exception on %s", WORDS, exc_info=True)
logging.getLogger("urllib3").warning("retry %s", WORDS)
from flask import Flask
app = Flask("ward")
app.add_url_rule("/x", view_func=fail)
assert app.test_client().get("/x").status_code == 500
"""


def run(program: str, *arguments: str) -> str:
    """A program of its own: pytest keeps its own handlers on the logging of this one."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == ""
    return done.stderr


def test_other_libraries_lines_carry_no_words_either() -> None:
    output = run(OTHERS, f"{WORDS} {PERSON}")
    assert_silent_about_people(output)
    found = lines(output)
    assert [(line["event"], line["level"]) for line in found] == [
        ("apscheduler.executors.default", "error"),
        ("ward", "error"),
        ("urllib3", "warning"),
        ("ward", "error"),
    ]
    assert [line.get("error") for line in found] == ["RuntimeError", "RuntimeError", None, "RuntimeError"]


def test_a_log_that_cannot_be_written_fails_nobodys_work() -> None:
    """A full disk or a closed pipe behind stderr must not turn deliveries into errors."""
    program = """
import os, sys
import structlog
from bot.logs import setup_logs
setup_logs("info")
out, into = os.pipe()
os.dup2(into, 2); os.close(into); os.close(out)
log = structlog.get_logger("t")
log.error("nobody reads this")
try:
    sys.stderr.close()
except BrokenPipeError:
    pass  # Python's own last words went nowhere
log.error("nor this")
os.write(1, b"went on")
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "went on")


def test_start_is_a_moment_with_a_zone(logged: Logged) -> None:
    structlog.get_logger("t").info("now")
    (line,) = lines(logged())
    assert line["at"].endswith("Z")
    assert START.tzinfo is not None
    assert logging.getLogger().level <= logging.WARNING
