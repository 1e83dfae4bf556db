"""The ceremony and the marriages done in a day, from both sides: signed up in chat, run from the console."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from tests.browser.in_process import Ward, ask, fine, hear, opened, press, running, shot, sign_in
from ward.calendar import VIET_NAM

pytestmark = pytest.mark.browser
BEGIN = datetime(2026, 12, 1, 9, 0, tzinfo=VIET_NAM)
THURSDAY = datetime(2026, 12, 3, 9, 0, tzinfo=VIET_NAM)


def plan(page: Page, base: str) -> None:
    page.goto(f"{base}/console/lich-luu-dong/len-lich")
    page.get_by_label("Chương trình").select_option(label="Lễ đăng ký kết hôn (tới 31/12/2026)")
    page.get_by_label("Từ ngày").fill("2026-12-08")
    page.get_by_label("Nơi tổ chức lễ").fill("Hội trường UBND phường")
    fine(page)
    page.locator("main form").first.locator("button[type=submit]").click()
    expect(page.get_by_text("Đã lên lịch 1 buổi: 08/12")).to_be_visible()


def open_days(ward: Ward) -> None:
    """The clock's job that opens the coming Thursdays and Saturdays, at once."""
    next(job for job in ward.worker.clock.jobs if job.name == "visits").run()


def join_ceremony(chat: Page) -> None:
    ask(chat, "đặt hẹn")
    hear(chat, "1. Dự lễ trao giấy kết hôn")
    press(chat, "Dự lễ trao giấy")
    hear(chat, "mình chọn buổi nào")
    press(chat, "T3 08/12")
    hear(chat, "Hội trường UBND phường")
    press(chat, "Ghi tên")
    hear(chat, "Nhiều nhất 10 người")
    ask(chat, "3 khách")
    hear(chat, "mình cho chụp không ạ")
    press(chat, "Không chụp")
    hear(chat, "Em chỉ dùng cho buổi này")
    press(chat, "Đồng ý, nhập")
    hear(chat, "tên gọi của hai người")
    ask(chat, "anh Tư và chị Tám, 0912 345 123")
    hear(chat, "Chụp hình: mình không đồng ý")


def book_hai_khong(chat: Page) -> None:
    ask(chat, "muốn hẹn kết hôn hai không")
    hear(chat, "có mấy buổi sắp tới")
    press(chat, "T5 03/12")
    hear(chat, "thứ Năm 03/12/2026")
    press(chat, "Ghi tên")
    hear(chat, "cả hai cùng tới được không")
    press(chat, "Cả hai cùng tới")
    hear(chat, "Mình có trường hợp nào không")
    press(chat, "Có, vẫn ghi tên")
    expect(chat.get_by_test_id("bubble-out").filter(has_text="Em chỉ dùng cho buổi này")).to_have_count(2)
    press(chat, "Không, tự tới")
    hear(chat, "Mã: LD-2612-0002")


def led(page: Page, base: str, pictures: Path) -> None:
    """The list for who leads: no telephone number, also on paper."""
    page.goto(f"{base}/console/lich-luu-dong")
    page.get_by_role("link", name="Thứ Ba, 08/12").click()
    expect(page.get_by_text("5 người (cô dâu chú rể và khách) trên 40 chỗ ngồi")).to_be_visible()
    shot(page, pictures, "ceremony-session")
    page.get_by_role("link", name="Danh sách dẫn chương trình").click()
    expect(page.get_by_text("anh Tư và chị Tám")).to_be_visible()
    expect(page.get_by_text("KHÔNG chụp hình")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("0912")
    shot(page, pictures, "ceremony-host-list")
    page.emulate_media(media="print")
    expect(page.get_by_text("← Buổi này")).to_be_hidden()
    page.screenshot(path=pictures / "ceremony-host-list-print.png", full_page=True)
    page.emulate_media(media="screen")


def ended_in_day(page: Page, base: str, pictures: Path) -> None:
    """On the day: the declared case is seen, the result written, and counted on the programme's page."""
    page.goto(f"{base}/console/lich-luu-dong")
    page.get_by_role("link", name="Thứ Năm, 03/12").click()
    page.get_by_role("button", name="Danh sách có tên").click()
    expect(page.get_by_text("Tự báo: có trường hợp riêng")).to_be_visible()
    page.get_by_label("Lý do số 1 chưa trả được trong ngày").fill("chờ xác minh tình trạng hôn nhân")
    page.get_by_role("button", name="Số 1 chưa trả được").click()
    expect(page.get_by_text("Chưa trả được trong ngày", exact=True)).to_be_visible()
    shot(page, pictures, "hai-khong-list")
    page.goto(f"{base}/console/mo-hinh/sd_13_ket_hon_hai_khong")
    expect(page.get_by_text("chờ xác minh tình trạng hôn nhân")).to_be_visible()
    page.get_by_label("Từ ngày").fill("2026-12-04")
    page.get_by_label("Tới ngày").fill("2026-12-31")
    page.get_by_role("button", name="Xem số").click()
    expect(page.get_by_text("Từ 04/12/2026 tới 31/12/2026 chưa có ai tới làm.")).to_be_visible()
    page.goto(f"{base}/console/mo-hinh/sd_13_ket_hon_hai_khong")
    shot(page, pictures, "hai-khong-programme")


def test_ceremony_and_hai_khong_from_both_sides(browser: Browser, tmp_path: Path, pictures: Path) -> None:
    with time_machine.travel(BEGIN, tick=True) as clock, running(tmp_path) as ward:
        ward.add_head()
        console = opened(browser, f"{ward.base}/console/", 1280)
        chat = opened(browser, f"{ward.base}/simulator/", 360)
        sign_in(console, ward.base)
        plan(console, ward.base)
        open_days(ward)
        join_ceremony(chat)
        book_hai_khong(chat)
        chat.screenshot(path=pictures / "ceremony-chat-360.png")
        led(console, ward.base, pictures)
        clock.move_to(THURSDAY)
        sign_in(console, ward.base)
        ended_in_day(console, ward.base, pictures)
        console.close()
        chat.close()
