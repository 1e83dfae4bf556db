"""A citizen's picture from the chat to the sealed table: real worker, real HTTP, hosts that misbehave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, select

from bot.clock import Clock
from bot.fetch import PhotoSource
from bot.photos import MOST_PHOTOS, PhotoRoom
from bot.replies import Desk, Reply, Result, Turn
from bot.retention import purge
from bot.worker import Worker
from store.engine import read_tx, write_tx
from store.schema import drafts, inbox_events, photos, staff_tasks, turns
from store.secrets import SecretBox, SecretsUnreadable
from tests.bot.support import KEY, OA, START, WallClock, accept, conversation, event, queued_texts, text_event
from tests.bot.support_zalo import PostOffice, account_at, linked
from tests.handlers.world import assistant
from tests.support.hosts import RawHost, answering, dripping, raw_host
from tests.support.simulator import RunningSimulator, wait_until
from ward import photos as album
from ward.pictures import Photo

utc_now = WallClock()
BOX = SecretBox(KEY, "photos")
SECRET = "10.4571N 105.6327E"


def picture() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET
    out = BytesIO()
    Image.new("RGB", (800, 600), "green").save(out, "JPEG", exif=exif)
    return out.getvalue()


@dataclass
class Voice:
    """Keeps the pictures of a turn and says how many; the first `failures` turns go wrong."""

    failures: int = 0
    tokens: list[str] = field(default_factory=list)

    def __call__(self, turn: Turn, desk: Desk) -> Result:
        kept = desk.keep_photos(turn)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("made to fail")
        self.tokens += kept
        sent = len(turn.attachments)
        return Result("feedback", (Reply(text=f"{turn.text}: {len(kept)}/{sent}"),))


def room(own: str | None, **changes: Any) -> PhotoRoom:
    return PhotoRoom(PhotoSource(("zdn.vn",), own=own, whole_s=2.0), assistant().takes_photos, BOX, **changes)


@contextmanager
def at_work(engine: Engine, voice: Any, photo_room: PhotoRoom) -> Iterator[Worker]:
    """A worker that only drains: what is said is read in the outbox."""
    talk = conversation(voice, utc_now, photo_room)
    post = PostOffice(engine, account_at("http://127.0.0.1:9", "http://127.0.0.1:9"), WallClock())
    clock = Clock(engine, "tests", (), utc_now)
    worker = Worker(engine, talk, post.sender, clock, utc_now, drainers=1, senders=0)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def sends_picture(engine: Engine, person: str, *urls: str, caption: str = "ảnh", second: int = 0) -> None:
    at = START + timedelta(seconds=second)
    items = [{"type": "image", "payload": {"url": url, "thumbnail": url}} for url in urls]
    msg_id = f"{person}-{second}"
    accept(engine, event("user_send_image", person, at, text=caption, msg_id=msg_id, attachments=items))


def says(engine: Engine, person: str, words: str, second: int = 0) -> None:
    accept(engine, text_event(person, words, f"{person}-{second}", START + timedelta(seconds=second)))


def wait_for(engine: Engine, person: str, count: int) -> list[str]:
    wait_until(lambda: len(queued_texts(engine, person)) >= count, 30)
    return queued_texts(engine, person)


def rows(engine: Engine, table: Any = photos) -> list[Any]:
    with read_tx(engine) as connection:
        return list(connection.execute(select(table)).all())


@pytest.fixture
def shop() -> Iterator[RawHost]:
    """A host with one good picture under every path."""
    with raw_host(answering(picture())) as host:
        yield host


# ── taken ───────────────────────────────────────────────────────────────────────────────────────


def test_a_picture_sent_in_the_simulator_is_kept_sealed_and_without_its_place(engine: Engine) -> None:
    voice = Voice()
    ladder = {"webhook_retry_ladder": (0.2,) * 100}
    with linked(engine, utc_now, **ladder) as zalo, at_work(engine, voice, room(zalo.api_url)):
        person = zalo.person("Cô Lan")
        file, caption = {"file": ("a.jpg", picture())}, {"text": "cống bể"}
        zalo.call("POST", f"people/{person}/image", files=file, data=caption)
        assert wait_for(engine, person, 1) == ["cống bể: 1/1"]
    (row,) = rows(engine)
    assert (row.person_id, row.case_id, row.kind, row.width, row.height) == (person, None, "before", 800, 600)
    (token,) = voice.tokens
    assert row.token == token
    assert len(token) >= 32
    for mark in (b"JFIF", SECRET.encode(), b"\xff\xd8\xff"):
        assert mark not in row.content
    with pytest.raises(SecretsUnreadable):
        SecretBox(KEY, "inbox").open(row.content)
    with read_tx(engine) as connection:
        photo = album.read(connection, BOX, OA, token)
        assert album.read(connection, BOX, "another ward", token) is None
        assert album.read(connection, BOX, OA, token[:-1]) is None
    assert photo is not None
    assert Image.open(BytesIO(photo.jpeg)).size == (800, 600)
    assert SECRET.encode() not in photo.jpeg


def test_the_page_on_another_address_changes_nothing(engine: Engine) -> None:
    """Somebody looks at the chat page by a name of their own; events still name the simulator's address."""
    with RunningSimulator() as zalo:
        zalo.zalo.configure(own_url=f"{zalo.url}/")
        zalo.call("POST", f"people/{zalo.person('p')}/image", files={"file": ("a.jpg", picture())},
                  headers={"Host": "phuong.local:99"})  # fmt: skip
        (sent,) = zalo.zalo.store.rows("SELECT body FROM events")
        assert f'"url":"{zalo.url}/files/' in sent["body"]


def test_up_to_four_pictures_of_a_message(engine: Engine, shop: RawHost) -> None:
    with at_work(engine, Voice(), room(shop.url)):
        sends_picture(engine, "p", *(f"{shop.url}/{n}.jpg" for n in range(7)))
        assert wait_for(engine, "p", 1) == ["ảnh: 4/7"]
    assert len(rows(engine)) == MOST_PHOTOS == len(shop.asked)


def test_a_handler_that_fails_finds_the_pictures_again(engine: Engine, shop: RawHost) -> None:
    with at_work(engine, Voice(failures=1), room(shop.url)):
        sends_picture(engine, "p", f"{shop.url}/a.jpg")
        assert wait_for(engine, "p", 1) == ["ảnh: 1/1"]
    assert len(shop.asked) == 1
    assert len(rows(engine)) == 1


def test_after_a_restart_they_are_fetched_again(engine: Engine) -> None:
    with raw_host(dripping(b"", b"", 0.05)) as host:
        with at_work(engine, Voice(), room(host.url, give_up_s=60.0)):
            sends_picture(engine, "p", f"{host.url}/a.jpg")
            wait_until(lambda: host.asked, 10)
        assert not queued_texts(engine)
        host.serve = answering(picture())
        with at_work(engine, Voice(), room(host.url)):
            assert wait_for(engine, "p", 1) == ["ảnh: 1/1"]


# ── not taken, and the talk goes on ─────────────────────────────────────────────────────────────


def test_a_slow_host_keeps_nobody_else_and_loses_nothing(engine: Engine) -> None:
    """More people with slow pictures than are looked at in one round, and one who only asks."""
    released = threading.Event()
    with (
        raw_host(lambda _client: released.wait(20) and None) as slow,
        at_work(engine, Voice(), room(slow.url, give_up_s=60.0)),
    ):
        for n in range(60):
            sends_picture(engine, f"p{n}", f"{slow.url}/{n}.jpg")
        wait_until(lambda: len(slow.asked) >= 4, 10)
        says(engine, "q", "xin chào")
        assert wait_for(engine, "q", 1) == ["xin chào: 0/0"]
        assert not queued_texts(engine, "p0")
        released.set()
        for n in range(60):
            assert wait_for(engine, f"p{n}", 1) == ["ảnh: 0/1"]
    assert not rows(engine)
    assert {row.state for row in rows(engine, inbox_events)} == {"done"}
    assert {row.attempts for row in rows(engine, inbox_events)} == {0}


def test_what_the_same_person_says_next_waits_for_the_picture(engine: Engine) -> None:
    with raw_host(dripping(b"", b"", 0.05)) as slow, at_work(engine, Voice(), room(slow.url, give_up_s=1.0)):
        sends_picture(engine, "p", f"{slow.url}/a.jpg")
        says(engine, "p", "ở khóm 3", second=1)
        assert wait_for(engine, "p", 2) == ["ảnh: 0/1", "ở khóm 3: 0/0"]


def html(client: Any) -> None:
    answering(b"<html><script>alert(1)</script></html>")(client)


def svg(client: Any) -> None:
    answering(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "image/svg+xml")(client)


def fifty_megabytes(client: Any) -> None:
    dripping(b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n", b"\xff" * 65536, 0)(client)


def cut_short(client: Any) -> None:
    answering(picture()[:-200])(client)


def away(client: Any) -> None:
    answering(b"", status="302 Found", Location="http://127.0.0.1:9/")(client)


@pytest.mark.parametrize("serve", [html, svg, fifty_megabytes, cut_short, away])
def test_a_hostile_picture_costs_only_itself(engine: Engine, serve: Any) -> None:
    with raw_host(serve) as host, at_work(engine, Voice(), room(host.url)):
        sends_picture(engine, "p", f"{host.url}/a.jpg", "http://example.com/b.jpg", caption="ngập nước")
        assert wait_for(engine, "p", 1) == ["ngập nước: 0/2"]
    assert not rows(engine)
    assert not rows(engine, staff_tasks)
    (turn,) = rows(engine, turns)
    assert turn.text == "ngập nước"


def test_one_of_two_is_taken(engine: Engine, shop: RawHost) -> None:
    with at_work(engine, Voice(), room(shop.url)):
        sends_picture(engine, "p", "http://127.0.0.1:9/gone.jpg", f"{shop.url}/a.jpg")
        assert wait_for(engine, "p", 1) == ["ảnh: 1/2"]


# ── not even asked for ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("caption", [
    "căn cước của tôi nè", "cccd mat truoc", "ảnh chứng minh nhân dân", "số 087199000123 đó",
    "tôi tố cáo ông Bảy địa chính ăn tiền, hình đây", "đơn khiếu nại của tôi",
])  # fmt: skip
def test_an_id_card_and_evidence_of_a_complaint_are_not_fetched(
    engine: Engine, shop: RawHost, caption: str
) -> None:
    with at_work(engine, Voice(), room(shop.url)):
        sends_picture(engine, "p", f"{shop.url}/a.jpg", caption=caption)
        assert wait_for(engine, "p", 1) == [f"{caption}: 0/1"]
    assert not shop.asked
    assert not rows(engine)


def test_a_name_of_a_file_tells_too(engine: Engine, shop: RawHost) -> None:
    with at_work(engine, Voice(), room(shop.url)):
        item = {"type": "image", "payload": {"url": f"{shop.url}/a.jpg", "name": "CCCD_mat_truoc.jpg"}}
        accept(engine, event("user_send_image", "p", START, msg_id="m", attachments=[item]))
        wait_for(engine, "p", 1)
    assert not shop.asked


def test_while_an_official_talks_nothing_is_fetched(engine: Engine, shop: RawHost) -> None:
    echo = event("oa_send_text", "p", START, text="Chào cô", msg_id="e", admin_id="6600000000000000077")
    with at_work(engine, Voice(), room(shop.url)):
        accept(engine, echo)
        wait_until(lambda: rows(engine, inbox_events)[0].state == "done", 10)
        sends_picture(engine, "p", f"{shop.url}/a.jpg", second=1)
        wait_until(lambda: [row.outcome for row in rows(engine, turns)] == ["silent"], 10)
    assert not shop.asked


# ── the album ───────────────────────────────────────────────────────────────────────────────────

PHOTO = Photo(b"\xff\xd8\xff not really", 8, 6)


def kept(engine: Engine, person: str = "p", hours_ago: float = 0) -> str:
    with write_tx(engine) as connection:
        return album.keep(connection, BOX, OA, person, PHOTO, START - timedelta(hours=hours_ago))


def test_a_case_takes_the_photos_of_its_person_only(engine: Engine) -> None:
    first, second, stranger = kept(engine), kept(engine), kept(engine, "q")
    with write_tx(engine) as connection:
        assert album.attach(connection, OA, "p", [first, second, stranger], 7) == 2
        assert album.attach(connection, OA, "p", [first], 8) == 0
        assert {note.token for note in album.of_case(connection, OA, 7)} == {first, second}
        assert album.of_case(connection, "another ward", 7) == []
        assert (album.case_of(connection, OA, first), album.case_of(connection, OA, stranger)) == (7, None)
        after = album.keep(connection, BOX, OA, None, PHOTO, START, "after", case_id=7)
        assert [note.kind for note in album.of_case(connection, OA, 7)].count("after") == 1
        assert album.drop(connection, OA, [after]) == 1
        assert album.drop_loose_of(connection, OA, "p") == 0
        assert album.drop_loose_of(connection, OA, "q") == 1


def test_loose_photos_go_after_a_day_unless_their_draft_lives(engine: Engine) -> None:
    old, young, of_draft, of_case = (
        kept(engine, "a", 25), kept(engine, "b", 23), kept(engine, "c", 47), kept(engine, "d", 99)
    )  # fmt: skip
    with write_tx(engine) as connection:
        album.attach(connection, OA, "d", [of_case], 1)
        draft = {"oa_id": OA, "person_id": "c", "data": b"x", "updated_at": START - timedelta(hours=23)}
        connection.execute(drafts.insert().values(draft))
    assert purge(engine, START)["photos"] == 1
    assert {row.token for row in rows(engine)} == {young, of_draft, of_case}
    assert old not in {row.token for row in rows(engine)}
    assert purge(engine, START + timedelta(hours=2))["photos"] == 2


def test_who_withdraws_takes_the_loose_photos_along(engine: Engine) -> None:
    mine, other = kept(engine), kept(engine, "q")
    body = {"event_name": "user_withdraw", "oa_id": OA, "timestamp": "1795399200000", "user_id": "p"}
    with at_work(engine, Voice(), room(None)):
        accept(engine, body)
        wait_until(lambda: rows(engine, inbox_events)[0].state == "done", 10)
    assert [row.token for row in rows(engine)] == [other]
    assert mine != other
