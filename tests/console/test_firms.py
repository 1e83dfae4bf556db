"""Firms' matters in the console: who sees what, owner and term, answers, calls, files; meetings announced."""

from __future__ import annotations

import csv
import html
import io
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from bot.config import SAMPLE_WARD
from store.engine import read_tx, write_tx
from store.schema import audit, issues, outbox, signups, visits
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, MovableClock
from tests.console.support import Desk, signed_in, token_of
from ward import issues as log
from ward.calendar import VIET_NAM, load_calendar
from ward.profile import load_profile
from ward.tasks import open_task
from ward.visits import booking, firms, sessions
from ward.visits.model import NewSignup
from ward.visits.people import Who, seal, unseal

BOX = SecretBox(KEY, "visits")
CALENDAR = load_calendar(SAMPLE_WARD, load_profile(SAMPLE_WARD).hours)
FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=VIET_NAM)
PLAN = {
    "programme": "dt_01_ca_phe_doanh_nhan",
    "day": "2026-12-04",
    "opens": "07:00",
    "closes": "09:00",
    "place": "Hội trường",
    "capacity": "20",
    "team": "Cán bộ field",
}
SORRY = "Phường sẽ sửa đường trong tháng này."


@dataclass
class Ward:
    """One planned meeting, and the desks of several roles."""

    engine: Engine
    clock: MovableClock = field(default_factory=lambda: MovableClock(FRIDAY))
    desks: dict[str, Desk] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.desk("head").post("/ca-phe/len-lich", **PLAN).status_code == 302

    def desk(self, role: str) -> Desk:
        if role not in self.desks:
            self.desks[role] = signed_in(self.engine, self.clock, role)
        return self.desks[role]

    def page(self, path: str, role: str = "head") -> str:
        answer = self.desk(role).get(path)
        assert answer.status_code == 200, (path, answer.status)
        return html.unescape(answer.get_data(as_text=True))

    def raised(self, person: str | None = "p", text: str = "Đường vô xưởng ngập", visit_id: int = 1) -> int:
        who = seal(BOX, Who("anh Ba", "0912345123", "Tiệm Hai Sen"))
        with write_tx(self.engine) as connection:
            place = booking.sign_up(
                connection, OA, visit_id, NewSignup(person, "truc_tiep", who=who), self.clock()
            )
            visit = sessions.visit(connection, OA, visit_id)
            assert visit is not None
            return log.raised(connection, OA, visit, text, place.id, CALENDAR, self.clock()).id

    def do(self, issue_id: int, action: str, seen: str = "", role: str = "head", **form: Any) -> TestResponse:
        """A form of the matter's page, as it stands now or as `seen` was."""
        page = seen or self.page(f"/ca-phe/{issue_id}", role)
        shown = re.search(r'name="seen" value="([^"]*)"', page)
        data = {"csrf_token": token_of(page), "seen": shown[1] if shown else "", **form}
        self.clock.move(seconds=5)
        return self.desk(role).client.post(f"/console/ca-phe/{issue_id}/{action}", data=data)

    def sent(self) -> list[str]:
        with read_tx(self.engine) as connection:
            rows = connection.execute(select(outbox.c.reply).order_by(outbox.c.id)).scalars()
            return [reply["text"] for reply in rows]

    def log(self) -> list[str]:
        with read_tx(self.engine) as connection:
            return list(connection.execute(select(audit.c.action).order_by(audit.c.id)).scalars())


@pytest.fixture
def ward(engine: Engine) -> Ward:
    return Ward(engine)


def test_a_meeting_is_planned_at_an_hour_of_its_own(ward: Ward) -> None:
    with read_tx(ward.engine) as connection:
        made = connection.execute(select(visits)).one()
    assert (made.kind, made.capacity, made.team) == ("coffee", 20, ["Cán bộ field"])
    for wrong in (
        {"day": "2026-11-26"},
        {"closes": "06:00"},
        {"opens": ""},
        {"place": " "},
        {"capacity": "0"},
    ):
        answer = ward.desk("head").post("/ca-phe/len-lich", **{**PLAN, **wrong})
        assert answer.status_code == 400, wrong
        assert "Cán bộ field" in answer.get_data(as_text=True), "what was typed stays"
    assert "Thứ Sáu, 04/12/2026, 07:00–09:00" in ward.page("/ca-phe")
    weekly = {"programme": PLAN["programme"], "first": "2026-12-08", "weeks": "1", "place": "Hội trường"}
    assert ward.desk("head").post("/lich-luu-dong/len-lich", **weekly).status_code == 400


def test_a_matter_gets_an_owner_is_forwarded_and_answered_once(ward: Ward) -> None:
    number = ward.raised()
    page = ward.page("/ca-phe")
    assert "Đường vô xưởng ngập" in page
    assert "Tiệm Hai Sen" not in page
    assert "0 đã trả lời (0%)" in page
    stale = ward.page(f"/ca-phe/{number}")
    owner = re.search(r'<option value="(\d+)">Cán bộ head', stale)
    assert owner is not None
    assert ward.do(number, "giao", owner=owner[1], due="2026-12-10").status_code == 302
    late = ward.do(number, "tra-loi", seen=stale, answer=SORRY)
    assert late.status_code == 400
    assert "Người khác vừa sửa" in late.get_data(as_text=True)
    assert SORRY in late.get_data(as_text=True), "what was typed stays"
    assert ward.sent() == []
    assert ward.do(number, "chuyen").status_code == 302
    assert ward.do(number, "chuyen").status_code == 400
    assert "Đường vô xưởng ngập" in ward.page("/ca-phe?nhom=chuyen")
    assert ward.do(number, "tra-loi", answer="ok").status_code == 400
    assert ward.do(number, "tra-loi", answer=SORRY).status_code == 302
    assert ward.do(number, "tra-loi", answer=SORRY).status_code == 400
    (told,) = ward.sent()
    assert "“Đường vô xưởng ngập”" in told
    assert SORRY in told
    page = ward.page(f"/ca-phe/{number}")
    assert "Đang gửi qua Zalo" in page
    assert "1 đã trả lời (100%)" in ward.page("/ca-phe?nhom=xong")
    assert [action for action in ward.log() if action.startswith("issue")] == [
        "issue_assigned", "issue_forwarded", "issue_answered",
    ]  # fmt: skip


def test_who_has_no_zalo_is_called(ward: Ward) -> None:
    number = ward.raised(person=None)
    assert ward.do(number, "tra-loi", answer=SORRY).status_code == 302
    assert ward.sent() == []
    for path in ("/ca-phe", "/can-goi"):
        assert f"/ca-phe/{number}" in ward.page(path)
    assert ward.do(number, "co-so").status_code == 200
    page = ward.do(number, "co-so").get_data(as_text=True)
    assert "0912345123" in page
    assert ward.do(number, "da-goi").status_code == 302
    assert "Đã gọi báo</button>" not in ward.page(f"/ca-phe/{number}")
    assert "Vướng mắc số" not in ward.page("/can-goi")
    assert "issue_called" in ward.log()


def test_names_are_opened_on_purpose_and_noted(ward: Ward) -> None:
    number = ward.raised()
    assert "Tiệm Hai Sen" not in ward.page(f"/ca-phe/{number}")
    assert "issue_firm_opened" not in ward.log()
    page = ward.do(number, "co-so").get_data(as_text=True)
    assert "Tiệm Hai Sen" in page
    assert "anh Ba" in page
    assert "issue_firm_opened" in ward.log()


def test_team_and_owner_see_their_matters_and_nobody_else(ward: Ward) -> None:
    of_team = ward.raised()
    assert (
        ward.desk("head").post("/ca-phe/len-lich", **{**PLAN, "day": "2026-12-11", "team": ""}).status_code
        == 302
    )
    other = ward.raised("q", "Thuế khoán chưa rõ", visit_id=2)
    page = ward.page("/ca-phe", "field")
    assert "Đường vô xưởng ngập" in page
    assert "Thuế khoán" not in page
    assert ward.desk("field").get(f"/ca-phe/{other}").status_code == 404
    assert ward.desk("field").get(f"/ca-phe/{of_team}").status_code == 200
    owner = re.search(r'<option value="(\d+)">Cán bộ field', ward.page(f"/ca-phe/{other}"))
    assert owner is not None
    assert ward.do(other, "giao", owner=owner[1], due="").status_code == 302
    assert ward.desk("field").get(f"/ca-phe/{other}").status_code == 200
    assert ward.do(other, "giao", owner="999", due="").status_code == 400
    assert "Vướng mắc doanh nghiệp" in ward.page("/", "field")
    assert ward.desk("khom").get("/ca-phe").status_code == 403


def test_the_list_for_above_is_a_file_without_formulas(ward: Ward) -> None:
    number = ward.raised(text="=HYPERLINK(1) xin giảm thuế")
    ward.raised("q", "Đường vô xưởng ngập")
    assert ward.do(number, "chuyen").status_code == 302
    file = ward.desk("head").post("/ca-phe/xuat", "/ca-phe", dang="csv", nhom="chuyen")
    assert 'filename="vuong-mac-chuyen-2026-11-27.csv"' in file.headers["Content-Disposition"]
    (_, row) = csv.reader(io.StringIO(file.get_data().decode("utf-8-sig")))
    assert row[3:6] == ["Tiệm Hai Sen", "Gặp tại trụ sở", "'=HYPERLINK(1) xin giảm thuế"]
    assert not any("0912" in cell for cell in row)
    book = ward.desk("head").post("/ca-phe/xuat", "/ca-phe", dang="xlsx", nhom="tat-ca")
    sheet = load_workbook(io.BytesIO(book.get_data())).active
    assert sheet.max_row == 4
    assert "f" not in {cell.data_type for cells in sheet.iter_rows() for cell in cells}
    assert ward.log().count("issues_exported") == 2
    assert ward.desk("head").post("/ca-phe/xuat", "/ca-phe", dang="pdf", nhom="").status_code == 400


def test_what_is_raised_at_the_meeting_is_written_down(ward: Ward) -> None:
    ward.raised()
    page = ward.page("/ca-phe/buoi/1/ghi")
    assert "Tiệm Hai Sen" in page
    assert "visit_names_opened" in ward.log()
    assert "Tiệm Hai Sen" not in ward.page("/ca-phe/buoi/1/ghi", "one_stop")
    path = "/ca-phe/buoi/1/ghi"
    assert ward.desk("head").post(path, signup="77", text="Xin thuê đất lâu quá").status_code == 400
    assert ward.desk("head").post(path, signup="", text="Xin").status_code == 400
    assert ward.desk("head").post(path, signup="", text="Xưởng Tư Lành: thuê đất lâu quá").status_code == 302
    assert ward.desk("head").post(path, signup="1", text="Điện hay cúp").status_code == 302
    with read_tx(ward.engine) as connection:
        kept = connection.execute(select(issues.c.signup_id).order_by(issues.c.id)).scalars().all()
    assert kept == [1, None, 1]


def test_a_firm_that_calls_is_signed_up_and_a_matter_withdrawn(ward: Ward) -> None:
    caller = {
        "topic": "tai_co_so",
        "name": "chị Tư",
        "phone": "0912 345 999",
        "way": "call",
        "consent": "yes",
    }
    path = "/lich-luu-dong/1/ghi-ten"
    assert ward.desk("head").post(path, "/lich-luu-dong/1", **caller).status_code == 400
    assert ward.desk("head").post(path, "/lich-luu-dong/1", **caller, firm="Xưởng Tư Lành").status_code == 302
    with read_tx(ward.engine) as connection:
        row = connection.execute(select(signups)).one()
    assert unseal(BOX, row.who) == Who("chị Tư", "0912345999", "Xưởng Tư Lành")
    assert "Xưởng Tư Lành · chị Tư" in ward.page("/lich-luu-dong/1/danh-sach")
    number = ward.raised()
    assert ward.do(number, "rut").status_code == 302
    assert ward.do(number, "rut").status_code == 400
    assert "Không còn vướng mắc nào chờ trả lời" in ward.page("/ca-phe")


def test_a_meeting_is_announced_once_to_who_agreed(ward: Ward) -> None:
    for person in ("agrees", "silent"):
        ward.raised(person)
    with write_tx(ward.engine) as connection:
        firms.agree(connection, BOX, OA, "agrees", ward.clock())
    assert "Không có cơ sở nào cần báo" in ward.page("/ca-phe/buoi/1/bao"), "it comes to this one already"
    assert ward.desk("head").post("/ca-phe/len-lich", **{**PLAN, "day": "2026-12-11"}).status_code == 302
    assert "Báo cho 1 cơ sở" in ward.page("/ca-phe/buoi/2/bao")
    assert ward.sent() == []
    for _ in range(2):
        assert ward.desk("head").post("/ca-phe/buoi/2/bao", "/ca-phe").status_code == 302
    (told,) = ward.sent()
    assert "thứ Sáu 11/12/2026, 7h–9h\n📍 Hội trường" in told
    assert "Đã báo 1 cơ sở trước đó" in ward.page("/ca-phe/buoi/2/bao")
    ward.clock.at = datetime(2026, 12, 11, 7, 30, tzinfo=VIET_NAM)
    ward.desks.clear()
    late = signed_in(ward.engine, ward.clock, "one_stop")
    late.post("/ca-phe/buoi/2/bao", "/ca-phe")
    assert len(ward.sent()) == 1, "it has begun"
    assert late.get("/ca-phe/buoi/77/bao").status_code == 404


def test_empty_log_says_what_to_do(ward: Ward) -> None:
    page = ward.page("/ca-phe")
    assert "Không còn vướng mắc nào chờ trả lời" in page
    assert "Xuất nhóm" not in page
    assert "Vướng mắc doanh nghiệp" not in ward.page("/")


def test_an_answer_that_zalo_refused_leads_back_to_its_matter(ward: Ward) -> None:
    matter = ward.raised()
    assert ward.do(matter, "tra-loi", answer=SORRY).status_code == 302
    with write_tx(ward.engine) as connection:
        [sent] = connection.execute(select(outbox.c.id)).all()
        open_task(connection, OA, "send_stopped", str(sent.id), "p", {"meaning": "quá hạn"}, ward.clock())
    calls = ward.page("/can-goi", "head")
    assert f'href="/console/ca-phe/{matter}"' in calls
    assert f"Vướng mắc số {matter}" in calls
