"""Fifty officials at their desks: they read the queue and cases, take and answer, over real HTTP."""

from __future__ import annotations

import html
import random
import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests
from sqlalchemy import Engine, select

from bot.config import SAMPLE_WARD
from store.engine import read_tx, write_tx
from store.schema import cases
from ward import passwords, staff
from ward.calendar import load_calendar
from ward.cases.deadlines import Limits
from ward.cases.opening import NewCase, open_case
from ward.profile import load_profile
from ward.staff import NewOfficial

OFFICIALS = 50
AT_WORK_S, IN_A_RUSH_S = 8.0, 2.0
"""So long an official looks at a page before the next click; the second is livelier than any office."""
SIGN_IN_AT_ONCE = 8
"""They share one address, from which only so many may be trying."""
PASSWORD = "lua vang mua gat 2026"
ANSWER = "Dạ em chào mình. Mình mang giấy tờ bản chính tới Một cửa, em hướng dẫn thêm. Em cảm ơn mình."
_FIELD = re.compile(r'name="(csrf_token|version|seen)" value="([^"]*)"')
_CASE = re.compile(r"/console/phieu/((?:HD|PA|XD)-\d{4}-\d{4,}-\d)")


def fill(engine: Engine, oa_id: str, people: Sequence[str], cases: int) -> list[str]:
    """Officials with one password, and open questions of people whom Zalo knows; the usernames."""
    now, hashed = datetime.now(UTC), passwords.hash_of(PASSWORD)
    profile = load_profile(SAMPLE_WARD)
    calendar = load_calendar(SAMPLE_WARD, profile.hours)
    names = [f"canbo{number}" for number in range(OFFICIALS)]
    with write_tx(engine) as connection:
        for name in names:
            new = NewOfficial(f"Cán bộ {name}", "cán bộ Một cửa", ("one_stop",))
            staff.add_ready(connection, oa_id, name, new, hashed, now)
        for number in range(cases):
            asked = NewCase("question", people[number % len(people)], f"Câu hỏi thứ {number}", "ho_tich")
            open_case(connection, oa_id, asked, now, calendar, Limits())
    return names


@dataclass
class Seen:
    """What the officials met. `answered`: codes whose answer the console took."""

    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    def add(self, what: str, took: float) -> None:
        self.milliseconds.setdefault(what, []).append(took * 1000)

    @property
    def all(self) -> list[float]:
        return [one for taken in self.milliseconds.values() for one in taken]


class Official:
    """One browser. Refused moves (another was first) are part of the work; anything else is wrong."""

    def __init__(self, console: str, username: str, seen: Seen, thinks_s: float) -> None:
        self.console, self.username, self.seen, self.thinks_s = console, username, seen, thinks_s
        self.browser = requests.Session()
        self.browser.trust_env = False
        self.browser.headers["Connection"] = "close"  # it thinks longer than the server keeps one open
        self.chance = random.Random(username)

    def sign_in(self) -> None:
        page = self._get("/dang-nhap", "sign in")
        form = {"username": self.username, "password": PASSWORD}
        self._post("/dang-nhap", page, form, "sign in")

    def work(self, until: float) -> None:
        while time.monotonic() < until:
            time.sleep(self.thinks_s * (0.5 + self.chance.random()))
            codes = list(dict.fromkeys(_CASE.findall(self._get("/phieu", "queue"))))
            if codes:
                self._one(self.chance.choice(codes))

    def _one(self, code: str) -> None:
        time.sleep(self.thinks_s * (0.5 + self.chance.random()))
        page = self._get(f"/phieu/{code}", "case")
        if self.chance.random() < 0.5 or f"/phieu/{code}/nhan" not in page:
            return
        taken = self._post(f"/phieu/{code}/nhan", page, {}, "take")
        if taken.status_code != 302:
            return
        page = self._get(f"/phieu/{code}", "case")
        sent = self._post(
            f"/phieu/{code}/soan", page, {"text": ANSWER, "tab": "reply", "do": "final"}, "answer"
        )
        if sent.status_code == 302:
            self.seen.answered.append(code)
        else:
            self.seen.wrong.append(f"{code}: answer {sent.status_code}")

    def _get(self, path: str, what: str) -> str:
        began = time.perf_counter()
        answer = self.browser.get(f"{self.console}{path}", timeout=30)
        self._note(what, began, answer, (200,))
        return html.unescape(answer.text)

    def _post(self, path: str, page: str, form: dict[str, str], what: str) -> requests.Response:
        hidden: dict[str, str] = {}
        for name, value in _FIELD.findall(page):
            hidden.setdefault(name, value)
        began = time.perf_counter()
        answer = self.browser.post(
            f"{self.console}{path}", data={**hidden, **form}, timeout=30, allow_redirects=False
        )
        self._note(what, began, answer, (302, 400, 409))
        return answer

    def _note(self, what: str, began: float, answer: requests.Response, fine: tuple[int, ...]) -> None:
        self.seen.add(what, time.perf_counter() - began)
        if answer.status_code not in fine:
            self.seen.wrong.append(f"{what}: {answer.status_code}")


def at_work(console: str, usernames: Sequence[str], seconds: float, thinks_s: float = IN_A_RUSH_S) -> Seen:
    """All of them at once, for so long. Signing in (argon2) is over before the time begins."""
    seen = Seen()
    officials = [Official(console, name, seen, thinks_s) for name in usernames]
    with ThreadPoolExecutor(SIGN_IN_AT_ONCE) as pool:
        list(pool.map(Official.sign_in, officials))
    with ThreadPoolExecutor(len(officials)) as pool:
        seen.milliseconds.clear()
        until = time.monotonic() + seconds
        list(pool.map(lambda one: one.work(until), officials))
    return seen


def not_ended(engine: Engine, codes: Sequence[str]) -> list[str]:
    """Of the answers the console took, those whose case does not stand as answered."""
    with read_tx(engine) as connection:
        rows = connection.execute(select(cases.c.code, cases.c.state).where(cases.c.code.in_(codes)))
        states = {row.code: row.state for row in rows}
    return [code for code in codes if states.get(code) != "answered"]
