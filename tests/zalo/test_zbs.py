"""Templates by user id and by number, SMS and mail: through the outbox, none stopping the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.carriers import Carriers
from bot.gateways import MailGateway, sms_gateway
from bot.ladder import sealed
from bot.mail import FileMailer
from bot.replies import Reply, Route
from bot.sender import Sender
from bot.zalo.api import Api
from bot.zalo.client import ZaloClient
from bot.zalo.errors import zbs_rules
from bot.zalo.memory import OaMemory
from bot.zalo.zbs import TOKEN_REFUSED, ZbsClient
from store.secrets import SecretBox
from tests.bot.support import KEY
from tests.bot.support_zalo import TIMEOUT, PostOffice, account_at
from tests.support.simulator import RunningSimulator

BOX = SecretBox(KEY, "visits")
DATA = {"ma": "LD-0001"}


@pytest.fixture
def zalo() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def post(sqlite_engine: Engine, zalo: RunningSimulator) -> PostOffice:
    office = PostOffice(sqlite_engine, account_at(zalo.api_url, zalo.oauth_url))
    office.install_token(zalo)
    return office


def sender(post: PostOffice, zalo: RunningSimulator, folder: Path) -> Sender:
    zbs = ZbsClient(
        Api(zalo.api_url, post.tokens),
        Api(f"{zalo.url}/zalo/zbs", post.tokens, table=zbs_rules(), token_refused=TOKEN_REFUSED),
    )
    memory = OaMemory(post.engine, post.account.oa_id)
    client = ZaloClient(post.account.api_url, post.tokens, memory, timeout=TIMEOUT)
    sms = sms_gateway(f"file://{folder}/sms")
    assert sms is not None
    mail = MailGateway(FileMailer(folder / "mail", "phuong@example.vn"), "Nhắc lịch")
    carriers = Carriers(client, zbs, BOX, {"sms": sms, "mail": mail})
    return Sender(post.engine, carriers, post.account.oa_id, "s", 100_000, post.clock)


def by(way: str, to: str = "", words: str = "", template: str | None = None) -> Reply:
    number = sealed(BOX, to) if to else None
    route = {"by": way, "to": number, "template_id": template, "template_data": DATA if template else {}}
    return Reply(text=words, route=Route.model_validate(route))


def test_a_template_reaches_whom_no_message_may(
    post: PostOffice, zalo: RunningSimulator, tmp_path: Path
) -> None:
    person = zalo.add("Bác Tư")
    post.queue(
        person, by("zbs_uid", template="4711"), by("zbs_phone", "0901 234 567", template="4711"), key="r1"
    )
    post.send_all(sender(post, zalo, tmp_path))
    assert post.states() == ["sent", "sent"]
    assert zalo.texts("Bác Tư") == ['[4711] {"ma": "LD-0001"}']
    got = zalo.zalo.templates.by_number
    assert [(one.phone, one.template_data) for one in got] == [("84901234567", DATA)]
    assert "901" not in json.dumps([row.reply for row in post.rows()])
    assert all(row.message_id for row in post.rows())


@pytest.mark.parametrize("code", [-115, -117, -118, -139])
def test_a_refusal_concerns_this_message_alone(
    post: PostOffice, zalo: RunningSimulator, tmp_path: Path, code: int
) -> None:
    person = zalo.add("Bác Tư")
    zalo.say(person, "alo")
    zalo.faults({"match": "zbs/", "kind": "error", "code": code, "times": None})
    post.queue("reminder1", by("zbs_phone", "0901234567", template="4711"), key="r1")
    post.queue(person, "Dạ em trả lời")
    post.send_all(sender(post, zalo, tmp_path))
    assert {row.dedupe_key: row.state for row in post.rows()}["r1:0"] in ("dead", "stopped")
    assert zalo.texts("Bác Tư") == ["Dạ em trả lời"]


def test_no_number_no_request(post: PostOffice, zalo: RunningSimulator, tmp_path: Path) -> None:
    post.queue("reminder1", by("zbs_phone", "12", template="4711"), key="r1")
    post.send_all(sender(post, zalo, tmp_path))
    assert post.states() == ["dead"]
    assert zalo.zalo.templates.by_number == []


def test_a_lost_answer_is_unknown(post: PostOffice, zalo: RunningSimulator, tmp_path: Path) -> None:
    zalo.faults({"match": "zbs/", "kind": "drop_after_accept"})
    post.queue("reminder1", by("zbs_phone", "0901234567", template="4711"), key="r1")
    post.send_all(sender(post, zalo, tmp_path))
    assert post.states() == ["unknown"]
    assert len(zalo.zalo.templates.by_number) == 1


def test_no_money_for_paid_messages_does_not_stop_free_ones(
    post: PostOffice, zalo: RunningSimulator, tmp_path: Path
) -> None:
    person = zalo.add("Bác Tư")
    zalo.say(person, "alo")
    zalo.faults({"match": "message/cs", "kind": "error", "code": -321, "times": 1})
    post.queue(person, by("paid", words="Dạ nhắc mình"), "Dạ em trả lời", key="r1")
    post.send_all(sender(post, zalo, tmp_path))
    assert post.states() == ["dead", "sent"]


def test_sms_and_mail_are_handed_over(post: PostOffice, zalo: RunningSimulator, tmp_path: Path) -> None:
    post.queue(
        "reminder1", by("sms", "0901234567", "Nhắc mình"), by("mail", "tu@example.vn", "Nhắc mình"), key="r1"
    )
    post.send_all(sender(post, zalo, tmp_path))
    assert post.states() == ["sent", "sent"]
    [sms] = (tmp_path / "sms").glob("*.json")
    assert json.loads(sms.read_text("utf-8"))["to"] == "0901234567"
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1
    assert not (tmp_path / "sms" / "0901234567").exists()


def test_what_is_too_late_does_not_leave(post: PostOffice, zalo: RunningSimulator, tmp_path: Path) -> None:
    person = zalo.add("Bác Tư")
    zalo.say(person, "alo")
    post.queue(person, Reply(text="ngày mai", useless_after=datetime(2026, 1, 1, tzinfo=UTC)))
    post.send_all(sender(post, zalo, tmp_path))
    assert [(row.state, row.error) for row in post.rows()] == [("dead", "too late")]
    assert zalo.texts("Bác Tư") == []
