"""News of new rules: two officials, only who agreed, and what became of every message."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert, update

from bot import health_news as sending
from store.engine import read_tx, write_tx
from store.schema import facilities as facilities_table
from store.schema import facility_people, outbox
from store.secrets import SecretBox
from tests.bot.support import KEY, START, queued_texts
from tests.bot.support_zalo import PostOffice, account_at
from tests.handlers.world import phrases
from tests.support.simulator import RunningSimulator
from ward import facilities, health_news
from ward.facilities import FacilityRefused, NewFacility

BOX = SecretBox(KEY, "personal")
TEXT = "Từ 15/02/2026 không còn xác nhận nội dung quảng cáo dịch vụ khám, chữa bệnh."
WORDS = phrases().for_turn(0)


def facility(engine: Engine, oa: str, person: str, kind: str = "nha_khoa", news: bool = True) -> int:
    with write_tx(engine) as connection:
        number, _ = facilities.sign_up(
            connection, oa, person, NewFacility(f"Cơ sở {person}", kind), BOX, START
        )
        if news:
            facilities.want_news(connection, oa, person, True, START)
    return number


def draft(engine: Engine, oa: str = "oa", kinds: tuple[str, ...] = ()) -> int:
    with write_tx(engine) as connection:
        return health_news.write(connection, oa, "Quảng cáo dịch vụ khám bệnh", TEXT, kinds, 1, START)


def approve(engine: Engine, news: int, oa: str = "oa", by: int = 2) -> int:
    with write_tx(engine) as connection:
        return sending.approve(connection, oa, news, by, WORDS, START)


def delivery(engine: Engine, news: int, oa: str = "oa") -> health_news.Delivery:
    with read_tx(engine) as connection:
        return health_news.deliveries(connection, oa, [news])[news]


def test_nobody_approves_their_own_words_and_nothing_goes_twice(engine: Engine) -> None:
    facility(engine, "oa", "p1")
    news = draft(engine)
    with pytest.raises(FacilityRefused, match="không tự duyệt"):
        approve(engine, news, by=1)
    assert queued_texts(engine) == []
    assert approve(engine, news) == 1
    with pytest.raises(FacilityRefused, match="duyệt hoặc bỏ rồi"):
        approve(engine, news, by=3)
    assert len(queued_texts(engine)) == 1
    assert TEXT in queued_texts(engine)[0]
    assert "DỪNG" in queued_texts(engine)[0]


def test_only_those_who_agreed_and_of_the_type(engine: Engine) -> None:
    facility(engine, "oa", "dentist")
    facility(engine, "oa", "chemist", "nha_thuoc")
    facility(engine, "oa", "silent", news=False)
    facility(engine, "another", "elsewhere")
    assert approve(engine, draft(engine, kinds=("nha_thuoc",))) == 1
    assert queued_texts(engine, "chemist")
    assert approve(engine, draft(engine)) == 2


def test_who_says_stop_before_it_left_gets_nothing(engine: Engine) -> None:
    facility(engine, "oa", "p1")
    news = draft(engine)
    approve(engine, news)
    with write_tx(engine) as connection:
        facilities.want_news(connection, "oa", "p1", False, START)
    went = delivery(engine, news)
    assert (went.total, went.waiting, went.failed) == (1, 0, 1)


def test_a_thousand_facilities_three_in_a_hundred_failing(sqlite_engine: Engine) -> None:
    with RunningSimulator() as zalo:
        post = PostOffice(sqlite_engine, account_at(zalo.api_url, zalo.oauth_url))
        post.install_token(zalo)
        oa = post.account.oa_id
        people = [zalo.add(f"Cơ sở {number}") for number in range(1000)]
        for person in people:
            zalo.say(person, "chào")
        fill(sqlite_engine, oa, people)
        news = draft(sqlite_engine, oa)
        assert approve(sqlite_engine, news, oa) == 1000
        waiting = delivery(sqlite_engine, news, oa)
        assert (waiting.total, waiting.waiting) == (1000, 1000)
        with write_tx(sqlite_engine) as connection:
            connection.execute(update(outbox).values(created_at=post.clock(), next_attempt_at=post.clock()))
        zalo.faults(
            {"kind": "drop_after_accept", "match": "message/cs", "times": 2},
            {"kind": "error", "match": "message/cs", "code": -213, "chance": 3},
            seed=7,
        )
        post.send_all()
        went = delivery(sqlite_engine, news, oa)
        assert went.waiting == 0
        assert went.unknown == 2
        assert went.sent == len(zalo.sent()) - went.unknown
        assert 10 <= went.failed <= 60
        assert went.sent + went.failed + went.unknown == went.total == 1000


def fill(engine: Engine, oa: str, people: list[str]) -> None:
    """Facilities with an account that agreed to news, all at once."""
    same = {"oa_id": oa, "kind": "nha_khoa", "source": "zalo", "created_at": START, "changed_at": START}
    agreed = {"state": "confirmed", "consent": "x", "consent_at": START, "joined_at": START}
    with write_tx(engine) as connection:
        connection.execute(
            insert(facilities_table),
            [
                {**same, "id": n, "name": f"Cơ sở {n}", "name_plain": f"co so {n}"}
                for n, _ in enumerate(people, 1)
            ],
        )
        connection.execute(
            insert(facility_people),
            [
                {
                    "oa_id": oa,
                    "person_id": one,
                    "facility_id": n,
                    "news_consent": "x",
                    "news_at": START,
                    **agreed,
                }
                for n, one in enumerate(people, 1)
            ],
        )
