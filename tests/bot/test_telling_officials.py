"""Officials told in Zalo and by mail, and answers that did not arrive: real sender, simulated Zalo."""

from __future__ import annotations

import email
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from bot import outbox
from bot.case_clock import CaseClock
from bot.mail import FileMailer, Mail, MailError
from bot.notices import Crier
from bot.replies import Reply
from handlers.case_words import WordsOfCases
from handlers.notices import WordsOfNotices
from store.engine import read_tx, write_tx
from store.schema import cases, staff, staff_notices, staff_tasks
from tests.bot.support import MovableClock
from tests.bot.support_zalo import PostOffice, account_at, linked
from tests.handlers.world import phrases
from tests.support.simulator import RunningSimulator
from tests.ward.cases.desk import CALENDAR, LIMITS
from ward.calendar import VIET_NAM
from ward.cases import work
from ward.cases.opening import NewCase, OpenedCase, open_case

FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=VIET_NAM)
URL = "https://phuong.example"
NAME = "Bác Tư Chánh"


@pytest.fixture
def zalo(engine: Engine) -> Iterator[RunningSimulator]:
    with linked(engine, lambda: datetime.now(UTC)) as running:
        yield running


class Town:
    """One OA at work: citizens and officials at the simulated Zalo, the clock's jobs at a chosen time."""

    def __init__(self, engine: Engine, zalo: RunningSimulator, folder: Path) -> None:
        self.engine, self.zalo, self.folder = engine, zalo, folder
        self.post = PostOffice(engine, account_at(zalo.api_url, zalo.oauth_url), MovableClock(FRIDAY))
        self.post.install_token(zalo)
        self.oa_id = self.post.account.oa_id
        words = WordsOfNotices(phrases(), "phường Mẫu", URL)
        self.crier = Crier(engine, self.oa_id, CALENDAR, words, FileMailer(folder, "t@phuong.example"))
        self.clock = CaseClock(engine, self.oa_id, CALENDAR, WordsOfCases(phrases(), "phường Mẫu").late)

    def writer(self, name: str) -> str:
        """Somebody at Zalo who has just written to the OA."""
        person = self.zalo.add(name)
        self.zalo.say(person, "Xin chào")
        return person

    def official(self, person: str | None = None, **more: Any) -> int:
        row = {"oa_id": self.oa_id, "username": f"u{person}", "name": "chị Hạnh", "password_hash": "-"}
        row |= {"roles": ["field"], "fields": ["ho_tich"], "khoms": [], "created_at": FRIDAY}
        row |= {"zalo_person_id": person, "email": "hanh@phuong.example", **more}
        with write_tx(self.engine) as connection:
            return int(connection.execute(insert(staff).values(**row).returning(staff.c.id)).scalar_one())

    def case(self, person: str, now: datetime = FRIDAY, **more: Any) -> OpenedCase:
        new = NewCase("question", person, f"{NAME} hỏi đổi họ", field="ho_tich", **more)
        with write_tx(self.engine) as connection:
            return open_case(connection, self.oa_id, new, now, CALENDAR, LIMITS)

    def answer(self, case_id: int, by: int, now: datetime = FRIDAY) -> None:
        """An official takes the case and sends the final answer, as the console does."""
        with write_tx(self.engine) as connection:
            me = work.official(by)
            work.take(connection, self.oa_id, case_id, None, me, now)
            words = "Dạ mình ghé phường nha."
            sent = work.send_answer(connection, self.oa_id, case_id, None, me, words, True, now)
            assert sent.sent_as is not None
            outbox.enqueue(
                connection, self.oa_id, sent.case.person_id, [Reply(text=words)], sent.sent_as, now
            )

    def state(self, case_id: int) -> tuple[str, str | None]:
        with read_tx(self.engine) as connection:
            row = connection.execute(select(cases).where(cases.c.id == case_id)).one()
        return row.state, row.answered_by

    def open_tasks(self) -> list[tuple[str, Any]]:
        query = select(staff_tasks.c.kind, staff_tasks.c.detail).where(staff_tasks.c.done_at.is_(None))
        with read_tx(self.engine) as connection:
            return [(row.kind, row.detail.get("case_id")) for row in connection.execute(query)]

    def mails(self) -> list[Any]:
        files = sorted(self.folder.glob("*.eml"))
        return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]

    def run_everything(self, now: datetime) -> None:
        for job in (self.clock.run, self.clock.settle, self.crier.tell, self.crier.mail):
            job(now)


@pytest.fixture
def town(engine: Engine, zalo: RunningSimulator, tmp_path: Path) -> Town:
    return Town(engine, zalo, tmp_path / "thu")


# ── in Zalo ─────────────────────────────────────────────────────────────────────────────────────


def test_an_official_is_told_in_zalo_with_one_tap_to_the_case(town: Town, zalo: RunningSimulator) -> None:
    hanh = town.writer("Chị Hạnh")
    town.official(hanh)
    case = town.case("p1", khom="Khóm 3")
    assert town.crier.tell(FRIDAY) == 1
    town.post.send_all()
    (sent,) = zalo.sent(hanh)
    assert case.code in sent["text"]
    assert "Khóm 3" in sent["text"]
    assert NAME not in str(sent)
    (row,) = [row for row in town.post.rows() if row.person_id == hanh]
    assert row.priority == 1
    assert row.reply["buttons"][0]["payload"] == f"{URL}/console/phieu/{case.code}"
    assert row.reply["buttons"][0]["kind"] == "url"
    assert town.crier.tell(FRIDAY + timedelta(minutes=1)) == 0


def test_many_at_once_are_one_message(town: Town, zalo: RunningSimulator) -> None:
    hanh = town.writer("Chị Hạnh")
    town.official(hanh)
    codes = [town.case(f"p{n}").code for n in range(3)]
    town.crier.tell(FRIDAY)
    town.post.send_all()
    (text,) = zalo.texts(hanh)
    assert text.startswith("Dạ có 3 việc mới")
    assert all(code in text for code in codes)


def test_reminders_of_the_clock_go_the_same_way_and_once(town: Town, zalo: RunningSimulator) -> None:
    hanh = town.writer("Chị Hạnh")
    number = town.official(hanh)
    case = town.case("p1")
    with write_tx(town.engine) as connection:
        work.take(connection, town.oa_id, case.id, None, work.official(number), FRIDAY)
    afternoon = case.due_at - timedelta(minutes=30)
    threads = [Thread(target=town.run_everything, args=(afternoon,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    town.run_everything(afternoon)
    with read_tx(town.engine) as connection:
        kinds = connection.execute(select(staff_notices.c.kind)).scalars().all()
    assert len(kinds) == len(set(kinds)) >= 1
    assert len([row for row in town.post.rows() if row.person_id == hanh]) == 1


def test_a_late_case_is_apologised_for_once(town: Town) -> None:
    town.official(None)
    case = town.case("p1")
    later = case.due_at + timedelta(hours=1)
    threads = [Thread(target=town.clock.run, args=(later,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    town.clock.run(later + timedelta(days=1))
    texts = [row.reply["text"] for row in town.post.rows() if row.person_id == "p1"]
    assert len(texts) == 1
    assert "Dạ em xin lỗi" in texts[0]
    assert case.code in texts[0]


# ── by mail ─────────────────────────────────────────────────────────────────────────────────────


def test_a_closed_window_leaves_the_notice_for_the_digest(town: Town, zalo: RunningSimulator) -> None:
    hanh = town.writer("Chị Hạnh")
    number = town.official(hanh)
    zalo.be_silent_for(hanh, 24 * 8)
    case = town.case("p1")
    town.crier.tell(FRIDAY)
    town.post.send_all()
    assert zalo.sent(hanh) == []
    assert [kind for kind, _ in town.open_tasks()] == ["send_stopped"]
    town.crier.tell(FRIDAY + timedelta(minutes=1))
    assert town.open_tasks() == []  # nobody is to telephone an official about a notice
    assert town.crier.mail(FRIDAY + timedelta(hours=1)) == 0  # the digest of 7:30 was before it
    noon = FRIDAY.replace(hour=13, minute=31)
    assert town.crier.mail(noon) == 1
    assert town.crier.mail(noon) == 0
    (mail,) = town.mails()
    assert mail["To"] == "hanh@phuong.example"
    assert case.code in mail.get_content()
    assert f"{URL}/console" in mail.get_content()
    assert NAME not in mail.as_string()
    assert number


def test_what_zalo_delivered_is_not_mailed(town: Town) -> None:
    hanh = town.writer("Chị Hạnh")
    town.official(hanh)
    town.case("p1")
    town.crier.tell(FRIDAY)
    town.post.send_all()
    assert town.crier.mail(FRIDAY.replace(hour=14)) == 0


def test_two_processes_mail_a_digest_once(town: Town) -> None:
    town.official(None)
    town.case("p1")
    town.crier.tell(FRIDAY)
    threads = [Thread(target=town.crier.mail, args=(FRIDAY.replace(hour=14),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(town.mails()) == 1


class Away:
    def send(self, mail: Mail) -> None:
        raise MailError("away")


def test_a_digest_that_did_not_leave_is_tried_again(town: Town) -> None:
    town.official(None)
    town.case("p1")
    town.crier.tell(FRIDAY)
    afternoon = FRIDAY.replace(hour=14)
    broken = Crier(town.engine, town.oa_id, CALENDAR, town.crier.words, Away())
    assert broken.mail(afternoon) == 0
    assert town.crier.mail(afternoon) == 1


def test_no_digest_on_a_day_off_or_without_a_mailer(town: Town) -> None:
    town.official(None)
    town.case("p1")
    town.crier.tell(FRIDAY)
    assert town.crier.mail((FRIDAY + timedelta(days=1)).replace(hour=14)) == 0
    assert Crier(town.engine, town.oa_id, CALENDAR, town.crier.words).mail(FRIDAY.replace(hour=14)) == 0
    assert town.crier.mail((FRIDAY + timedelta(days=3)).replace(hour=8)) == 1


# ── answers ─────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_is_given_only_when_zalo_took_it(town: Town) -> None:
    lan = town.writer("Cô Lan")
    number = town.official(None)
    case = town.case(lan)
    town.answer(case.id, number)
    town.clock.settle(FRIDAY + timedelta(minutes=1))
    assert town.state(case.id) == ("sending", None)
    town.post.send_all()
    threads = [Thread(target=town.clock.settle, args=(FRIDAY + timedelta(minutes=2),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert town.state(case.id) == ("answered", "zalo")
    assert town.open_tasks() == []


def test_a_closed_window_means_the_call_list_until_somebody_called(
    town: Town, zalo: RunningSimulator
) -> None:
    lan = town.writer("Cô Lan")
    number = town.official(None)
    case = town.case(lan)
    zalo.be_silent_for(lan, 24 * 8)
    town.answer(case.id, number)
    town.post.send_all()
    assert zalo.sent(lan) == []
    for minutes in (1, 1, 5):
        town.clock.settle(FRIDAY + timedelta(minutes=minutes))
    assert town.state(case.id) == ("assigned", None)
    assert town.open_tasks() == [("answer_not_delivered", case.id)]  # once, and no second list beside it
    town.crier.tell(FRIDAY + timedelta(minutes=6))
    with read_tx(town.engine) as connection:
        assert "undelivered" in connection.execute(select(staff_notices.c.kind)).scalars().all()
    with write_tx(town.engine) as connection:
        work.answered_by_phone(
            connection, town.oa_id, case.id, None, work.official(number), "phone", "Đã gọi điện", FRIDAY
        )
    assert town.state(case.id) == ("answered", "phone")
    assert town.open_tasks() == []


def test_an_official_who_unfollows_is_unlinked(town: Town, zalo: RunningSimulator) -> None:
    hanh = town.writer("Chị Hạnh")
    number = town.official(hanh)
    zalo.act(hanh, "follow")
    zalo.act(hanh, "unfollow")
    zalo.wait_delivered()
    town.post.clock.at = max(town.post.clock.at, datetime.now(UTC))
    town.post.drain()
    with read_tx(town.engine) as connection:
        query = select(staff.c.zalo_person_id).where(staff.c.id == number)
        assert connection.execute(query).scalar_one() is None


def test_a_case_of_somebody_who_left_is_nobodys_secret(town: Town) -> None:
    """A notice for an official who was closed meanwhile is not sent."""
    hanh = town.writer("Chị Hạnh")
    town.official(hanh)
    town.case("p1")
    with write_tx(town.engine) as connection:
        connection.execute(update(staff).values(active=False))
    assert town.crier.tell(FRIDAY) == 0
