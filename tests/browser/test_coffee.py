"""The business coffee from both sides: planned, signed up in chat, matters answered, the next announced."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from tests.browser.in_process import Ward, ask, hear, opened, press, running, shot, sign_in
from ward.calendar import VIET_NAM

pytestmark = pytest.mark.browser
BEGIN = datetime(2026, 12, 1, 9, 0, tzinfo=VIET_NAM)
AFTER = datetime(2026, 12, 23, 9, 0, tzinfo=VIET_NAM)
FLOOD = "Đường vô xưởng cứ mưa là ngập, xe hàng không vô được"
TAX = "Thuế khoán năm nay tăng mà chưa ai giải thích"
ANSWER = "Phường đã ghi vào kế hoạch, sửa xong đoạn đường này trước Tết."


def plan(page: Page, base: str, day: str, pictures: Path | None = None) -> None:
    page.goto(f"{base}/console/ca-phe")
    page.get_by_role("button", name="Lên lịch buổi gặp").click()
    page.get_by_label("Ngày", exact=True).fill(day)
    page.get_by_label("Từ giờ").fill("07:00")
    page.get_by_label("Tới giờ").fill("09:00")
    page.get_by_label("Nơi gặp").fill("Hội trường UBND phường")
    if pictures is not None:
        shot(page, pictures, "coffee-plan")
    page.get_by_role("button", name="Lên lịch", exact=True).click()
    expect(page.get_by_text("Cơ sở ghi tên được qua Zalo")).to_be_visible()


def join(chat: Page) -> None:
    ask(chat, "đặt hẹn")
    hear(chat, "Cà phê Doanh nhân")
    press(chat, "Cà phê doanh nhân")
    hear(chat, "mình chọn buổi nào")
    press(chat, "T6 04/12")
    hear(chat, "Hội trường UBND phường")
    press(chat, "Ghi tên")
    hear(chat, "gặp cách nào")
    press(chat, "Gặp tại trụ sở")
    hear(chat, "xin tên cơ sở")
    ask(chat, "Tiệm bánh Hai Sen, 0912 345 123")
    hear(chat, "bên mình ai dự")
    ask(chat, "anh Ba")
    hear(chat, "Mỗi tin một việc")
    ask(chat, FLOOD)
    hear(chat, "đang có 1 việc")
    ask(chat, TAX)
    hear(chat, "đang có 2 việc")
    press(chat, "Xong")
    hear(chat, "có 2 vướng mắc chờ phường trả lời")
    press(chat, "Có, nhắn giùm")
    hear(chat, "nhắn DỪNG")


def seen_to(page: Page, base: str, pictures: Path) -> None:
    """Given to an owner with a term, sent above, answered; the firm's name opened on purpose."""
    page.goto(f"{base}/console/")
    expect(page.get_by_text("2 chưa giao ai")).to_be_visible()
    page.goto(f"{base}/console/ca-phe")
    expect(page.get_by_text("Sổ vướng mắc", exact=True)).to_be_visible()
    shot(page, pictures, "coffee-log")
    page.get_by_role("link", name=FLOOD).click()
    page.get_by_role("button", name="Coi tên, số điện thoại").click()
    expect(page.get_by_text("Tiệm bánh Hai Sen")).to_be_visible()
    page.get_by_label("Người phụ trách").select_option(label="Chị Hạnh")
    page.get_by_label("Hạn trả lời").fill("2026-12-10")
    page.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.get_by_text("Đã ghi người phụ trách và hạn")).to_be_visible()
    shot(page, pictures, "coffee-matter")
    page.get_by_label("Câu trả lời").fill(ANSWER)
    page.get_by_role("button", name="Trả lời và gửi Zalo").click()
    expect(page.get_by_text("Đã trả lời, đang gửi qua Zalo.")).to_be_visible()
    page.goto(f"{base}/console/ca-phe")
    page.get_by_role("link", name=TAX).click()
    page.get_by_text("Chuyển cấp trên").click()
    page.get_by_role("button", name="Đưa vào danh sách chuyển").click()
    expect(page.get_by_text("Đã đưa vào danh sách")).to_be_visible()
    page.goto(f"{base}/console/ca-phe?nhom=chuyen")
    with page.expect_download() as file:
        page.get_by_role("button", name="Tệp XLSX").click()
    assert file.value.suggested_filename == "vuong-mac-chuyen-2026-12-01.xlsx"


def of_session(page: Page, base: str, pictures: Path) -> None:
    """The session's own page, and what is raised at the meeting."""
    page.goto(f"{base}/console/ca-phe")
    page.get_by_role("link", name="Thứ Sáu, 04/12").click()
    shot(page, pictures, "coffee-session")
    page.get_by_role("link", name="Ghi vướng mắc").click()
    page.get_by_label("Cơ sở", exact=True).select_option(label="Số 1, Tiệm bánh Hai Sen")
    page.get_by_label("Nội dung").fill("Xin phường giới thiệu chỗ bán ở chợ hoa")
    shot(page, pictures, "coffee-raise")
    page.get_by_role("button", name="Ghi vào sổ").click()
    expect(page.get_by_text("Đã ghi vướng mắc")).to_be_visible()


def announced(page: Page, base: str, pictures: Path) -> None:
    plan(page, base, "2026-12-29")
    page.get_by_role("link", name="Báo lịch cho cơ sở").click()
    expect(page.get_by_role("heading", name="Báo cho 1 cơ sở")).to_be_visible()
    shot(page, pictures, "coffee-announce")
    page.get_by_role("button", name="Gửi cho 1 cơ sở").click()
    expect(page.get_by_text("Đang báo cho 1 cơ sở")).to_be_visible()


def test_business_coffee_from_both_sides(browser: Browser, tmp_path: Path, pictures: Path) -> None:
    with time_machine.travel(BEGIN, tick=True) as clock, running(tmp_path) as ward:
        ward.add_head()
        console = opened(browser, f"{ward.base}/console/", 1280)
        chat = opened(browser, f"{ward.base}/simulator/", 360)
        sign_in(console, ward.base)
        plan(console, ward.base, "2026-12-04", pictures)
        join(chat)
        chat.screenshot(path=pictures / "coffee-chat-360.png")
        seen_to(console, ward.base, pictures)
        hear(chat, ANSWER)
        of_session(console, ward.base, pictures)
        played_later(ward, clock, console, chat, pictures)
        console.close()
        chat.close()


def played_later(
    ward: Ward, clock: time_machine.Traveller, console: Page, chat: Page, pictures: Path
) -> None:
    """Weeks on: what is late is seen on Today; the next session is announced; DỪNG ends such news."""
    clock.move_to(AFTER)
    ask(chat, "chào em")
    sign_in(console, ward.base)
    expect(console.get_by_text("2 trễ hạn")).to_be_visible()
    announced(console, ward.base, pictures)
    hear(chat, "phường báo lịch cà phê Doanh nhân")
    chat.screenshot(path=pictures / "coffee-announced-360.png")
    ask(chat, "DỪNG")
    hear(chat, "ngưng nhắn lịch gặp doanh nghiệp")
    console.goto(f"{ward.base}/console/ca-phe?nhom=tre")
    shot(console, pictures, "coffee-late")
