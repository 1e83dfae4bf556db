"""A denouncer's name and words through the real bot over HTTP, and then a search for them everywhere."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, LargeBinary, select

from bot import learning
from bot.clock import Clock
from bot.worker import Worker
from knowledge.learning.candidates import Candidates
from knowledge.syllables import plain
from store.backup import back_up
from store.engine import is_sqlite, read_tx, write_tx
from store.schema import appointments, cases, inbox_events, metadata, restricted_messages, turns
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, WallClock, conversation
from tests.bot.support_web import application
from tests.bot.support_zalo import PostOffice, account_at
from tests.handlers.world import assistant
from tests.support.simulator import RunningSimulator, serving, wait_until
from ward import reception, restricted

utc_now = WallClock()
NAMES = ("Võ Thị Măng Cụt", "Trần Sầu Riêng", "0987000111", "Măng Cụt", "Sầu Riêng")
"""Who speaks, who is spoken of, and a phone number: unlike any other word of the house."""
TOLD = (
    "tôi tên Võ Thị Măng Cụt muốn tố cáo ông Trần Sầu Riêng địa chính ăn tiền",
    "ông Sầu Riêng nhận của tôi 5 triệu ở quán cà phê hôm 3/11",
    "sửa lại giùm, Măng Cụt đưa ông Sầu Riêng 6 triệu chứ không phải 5",
    "to cao ong Tran Sau Rieng",
    "hồ sơ sang tên sổ đất ông Sầu Riêng đòi lệ phí bao nhiêu là tùy ổng",
)


class World:
    """The real voice, worker and Zalo (simulated); everything that is kept or shown can be searched."""

    def __init__(self, engine: Engine, zalo: RunningSimulator, web: str, folder: Path) -> None:
        self.engine, self.zalo, self.web, self.folder = engine, zalo, web, folder
        self.person = zalo.add("Người dân")

    def says(self, *messages: str) -> None:
        for words in messages:
            before = self.done()
            self.zalo.say(self.person, words)
            wait_until(lambda before=before: self.done() > before, 20)

    def done(self) -> int:
        with read_tx(self.engine) as connection:
            named = (inbox_events.c.state == "done", inbox_events.c.event_name.like("user_send%"))
            return len(connection.execute(select(inbox_events.c.id).where(*named)).all())

    def opened(self) -> list[str]:
        """What the official with the role reads."""
        box, reader = SecretBox(KEY, "restricted"), restricted.Reader(1, may_read=True)
        with write_tx(self.engine) as connection:
            notes = restricted.listed(connection, OA, reader)
            told = [restricted.open_one(connection, box, OA, note.id, reader, utc_now()) for note in notes]
        return [message.text for message in reversed(told) if message]

    def backup(self) -> bytes:
        """A backup as anybody with the file can read it."""
        file = self.folder / f"{uuid.uuid4().hex}.backup"
        back_up(self.engine, file)
        if is_sqlite(self.engine):
            return file.read_bytes()
        return subprocess.run(["pg_restore", "--file=-", file], capture_output=True, check=True).stdout

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """Each place and what stands there."""
        yield from cells(self.engine)
        for path in ("/metrics", "/", "/readyz", "/healthz"):
            yield path, requests.get(f"{self.web}{path}", timeout=10).content
        candidates = self.folder / "candidates.sqlite"
        later = utc_now().replace(year=utc_now().year + 1)
        learning.collect(self.engine, OA, Candidates(candidates), (), later)
        yield "backup", self.backup()
        files = [candidates, *(self.folder.glob("ward.db*") if is_sqlite(self.engine) else ())]
        yield from ((path.name, path.read_bytes()) for path in files)


def cells(engine: Engine) -> Iterator[tuple[str, bytes]]:
    with read_tx(engine) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for column in table.columns:
                    value = row[column.name]
                    binary = isinstance(column.type, LargeBinary) and value is not None
                    yield f"{table.name}.{column.name}", bytes(value) if binary else str(value).encode()


@contextmanager
def at_work(engine: Engine, folder: Path) -> Iterator[World]:
    voice = assistant()
    talk = conversation(voice.respond, utc_now, sealed=voice.seals)
    app = application(engine, now=utc_now, account=account_at("", ""))
    with serving(app) as port:
        web = f"http://127.0.0.1:{port}"
        with RunningSimulator(webhook_url=f"{web}/webhook/zalo", webhook_retry_ladder=(0.2,) * 50) as zalo:
            post = PostOffice(engine, account_at(zalo.api_url, zalo.oauth_url), WallClock())
            post.install_token(zalo)
            worker = Worker(engine, talk, post.sender, Clock(engine, "t", (), utc_now), utc_now, 1, 2)
            worker.start()
            try:
                yield World(engine, zalo, web, folder)
            finally:
                worker.stop()


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    with at_work(engine, tmp_path) as there:
        yield there


def forms() -> list[bytes]:
    """The planted words as they may stand: in text, escaped in JSON, without accents, in another coding."""
    written = {form for name in NAMES for form in (name, name.lower(), plain(name.lower()), name.upper())}
    escaped = {form.encode("unicode_escape").replace(b"\\x", b"\\u00") for form in written}
    return [*(form.encode() for form in written), *escaped, *(form.encode("utf-16-le") for form in written)]


def found(world: World) -> set[str]:
    planted = forms()
    return {place for place, value in world.everything() if any(form in value for form in planted)}


BEFORE: dict[str, tuple[str, ...]] = {
    "at once": (),
    "in the middle of a report": ("phản ánh",),
    "as the answer to a procedure's question": ("làm sổ đất cần gì",),
    "instead of a name for an appointment": ("hẹn ngày tiếp dân", "1"),
    "after asking for an official": ("gặp cán bộ",),
    "in the middle of a guide": ("đăng ký kết hôn",),
}


@pytest.mark.parametrize("before", BEFORE)
def test_a_denouncer_is_found_nowhere_but_sealed(
    world: World, logged: Callable[[], str], before: str
) -> None:
    world.says(*BEFORE[before], *TOLD)
    world.says("menu", "rồi ông Sầu Riêng còn hẹn Măng Cụt ra nhà riêng nữa")
    assert found(world) == set()
    log = logged()
    assert '"event": "turn"' in log  # the log of these turns is what is searched
    assert [form for form in forms() if form in log.encode()] == []
    assert world.opened() == [*TOLD, "rồi ông Sầu Riêng còn hẹn Măng Cụt ra nhà riêng nữa"]
    assert found(world) == set()


def test_the_name_of_an_appointment_stands_in_it_alone(world: World) -> None:
    world.says("hẹn ngày tiếp dân", "1", "Võ Thị Măng Cụt 0987 000 111")
    assert found(world) == set()
    with read_tx(world.engine) as connection:
        (row,) = connection.execute(select(appointments)).all()
        (booked,) = reception.on_day(connection, SecretBox(KEY, "appointments"), OA, row.day)
    assert booked.who == reception.Who("Võ Thị Măng Cụt", "0987000111")


def test_said_to_an_official_who_took_over_it_is_sealed_too(world: World) -> None:
    world.zalo.act(world.person, "staff", text="Chào cô, tôi là cán bộ")
    world.zalo.wait_delivered()
    wait_until(lambda: b"oa_send_text" in dict(cells(world.engine)).get("inbox_events.event_name", b""), 10)
    world.says(TOLD[0])
    assert world.opened() == [TOLD[0]]
    assert found(world) == set()


def test_with_danger_in_the_same_words_it_is_sealed_too(world: World) -> None:
    words = "tôi tên Măng Cụt tố cáo ông Sầu Riêng đang đánh người, cứu với"
    world.says(words)
    assert world.opened() == [words]
    assert found(world) == set()


def test_what_was_said_before_the_guard_stays_as_it_was(world: World) -> None:
    """Decided: ordinary words of earlier turns are not taken back; only what the guard hears is sealed."""
    world.says("Măng Cụt hỏi làm khai sinh cần gì", TOLD[0])
    assert {"turns.text", "backup"} <= found(world)  # the search does find what is there
    with read_tx(world.engine) as connection:
        texts = [row.text for row in connection.execute(select(turns.c.text).order_by(turns.c.id))]
        assert texts == ["Măng Cụt hỏi làm khai sinh cần gì", None]
        assert not connection.execute(select(cases.c.id)).all()
        assert len(connection.execute(select(restricted_messages.c.id)).all()) == 1
