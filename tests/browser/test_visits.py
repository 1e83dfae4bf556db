"""Dialogue 8 from both sides of the screen, with a clock that the test moves: the machine is started anew
between booking and reminder, and is off from 16:00 to 08:00 before the session."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from store.engine import write_tx
from tests.browser.in_process import Ward, ask, fine, hear, opened, press, running, sign_in
from ward.calendar import VIET_NAM
from ward.visits import booking
from ward.visits.model import NewSignup

pytestmark = pytest.mark.browser
BEGIN = datetime(2026, 12, 1, 9, 0, tzinfo=VIET_NAM)
BEFORE_HER = 11


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, 5, tzinfo=VIET_NAM)


def plan(page: Page, base: str) -> None:
    page.goto(f"{base}/console/lich-luu-dong/len-lich")
    fine(page)
    page.get_by_label("Chương trình").select_option(
        label="Đăng ký hộ tịch lưu động, 3 trong 1 (tới 31/12/2026)"
    )
    page.get_by_label("Từ ngày").fill("2026-12-05")
    page.get_by_label("Khóm 1", exact=True).check()
    page.get_by_label("Người đi").fill("Chị Hạnh")
    page.locator("main form").first.locator("button[type=submit]").click()
    expect(page.get_by_text("Đã lên lịch 1 buổi: 05/12 (Khóm 1).")).to_be_visible()
    fine(page)


def eleven_by_telephone(ward: Ward) -> None:
    """Those before her, who called the office."""
    now = datetime.now(UTC)
    with write_tx(ward.house.engine) as connection:
        for _ in range(BEFORE_HER):
            booking.sign_up(connection, ward.house.account.oa_id, 1, NewSignup(None, "ket_hon"), now)


def sign_up(page: Page) -> None:
    ask(page, "bữa nào phường về khóm 1 làm khai sinh")
    hear(page, "thứ Bảy 05/12/2026, 7h30–11h")
    press(page, "Ghi tên")
    hear(page, "3. Kết hôn")
    ask(page, "1")
    hear(page, "Em chỉ dùng cho buổi này")
    press(page, "Đồng ý, nhập")
    hear(page, "ví dụ: chị Tám, rồi tới số")
    ask(page, "Chị Tám, 0912 345 123")
    hear(page, "Chị là số 12 · khung 9h–9h30")
    hear(page, "iấy chứng sinh")
    hear(page, "Mã: LD-2612-")


def again(page: Page) -> None:
    """Another matter later, without a name: each step waits for the answer of its own."""
    ask(page, "bữa nào phường về khóm 1")
    hear(page, "thứ Bảy 12/12/2026, 7h30–11h")
    press(page, "Ghi tên")
    expect(page.get_by_test_id("bubble-out").filter(has_text="3. Kết hôn")).to_have_count(2)
    ask(page, "khai tử")
    expect(page.get_by_test_id("bubble-out").filter(has_text="Em chỉ dùng cho buổi này")).to_have_count(2)
    press(page, "Không, tự tới")
    hear(page, "Mình là số 13")
    hear(page, "giấy báo tử")


def postpone(page: Page, base: str) -> None:
    page.goto(f"{base}/console/lich-luu-dong/1")
    expect(page.get_by_text("trả lời: Sẽ tới")).to_be_visible()
    fine(page)
    page.get_by_text("Dời buổi", exact=True).click()
    page.get_by_label("Ngày mới").fill("2026-12-12")
    page.get_by_label("Lý do (bắt buộc, người dân được nghe)").first.fill("mưa bão")
    page.get_by_role("button", name="Dời và báo tin").click()
    expect(page.get_by_text("12 người được báo tin")).to_be_visible()
    fine(page)


def reminded(chat: Page, ward: Ward, clock: time_machine.Coordinates) -> None:
    """Three days before, with what is missing; the evening before; both said once though asked for twice."""
    clock.move_to(at(2, 9))
    ward.remind()
    hear(chat, "chị Tám, còn 3 ngày nữa, 9h thứ Bảy 05/12/2026, phường về khóm 1")
    press(chat, "Còn thiếu")
    expect(chat.get_by_test_id("bubble-out").filter(has_text="Mình mang theo (khai sinh)")).to_have_count(2)
    clock.move_to(at(3, 10))  # Zalo's free window is two days: what she says today opens it for tomorrow
    ask(chat, "đủ rồi")
    hear(chat, "Hẹn chị Tám thứ Bảy 05/12/2026, 9h")
    clock.move_to(at(4, 17))
    ward.remind()
    ward.remind()
    hear(chat, "chị Tám, mai 9h chị ghé")
    press(chat, "Em tới được")
    expect(chat.get_by_test_id("bubble-out").filter(has_text="mai 9h")).to_have_count(1)


def moved(chat: Page, console: Page, ward: Ward, clock: time_machine.Coordinates) -> None:
    """Told once; who has not seen it after two hours is listed; then she takes the office instead."""
    postpone(console, ward.base)
    ward.remind()
    hear(chat, "vì mưa bão buổi khóm 1 ngày 05/12 dời qua thứ Bảy 12/12/2026")
    hear(chat, "Chị vẫn giữ số 12 · khung 9h–9h30")
    ward.remind()
    expect(chat.get_by_test_id("bubble-out").filter(has_text="vì mưa bão")).to_have_count(1)
    unseen = f"{ward.base}/console/lich-luu-dong/chua-xem"
    console.goto(unseen)
    expect(console.get_by_text("Ai cũng đã xem hoặc trả lời tin dời lịch.")).to_be_visible()
    clock.move_to(at(4, 19, 10))
    sign_in(console, ward.base)
    console.goto(unseen)
    expect(console.get_by_text("Khóm 1: 1 người cần gọi")).to_be_visible()
    press(chat, "Làm gấp tại phường")
    hear(chat, "em báo trước để cán bộ ưu tiên")
    console.goto(unseen)
    expect(console.get_by_text("Ai cũng đã xem hoặc trả lời tin dời lịch.")).to_be_visible()
    expect(console.get_by_text("ưu tiên khi bà con tới")).to_be_visible()
    console.goto(f"{ward.base}/console/lich-luu-dong/1")
    expect(console.get_by_text("Chuyển làm tại phường")).to_be_visible()


def off_from_four_to_eight(chat: Page, ward: Ward, clock: time_machine.Coordinates) -> None:
    """Yesterday evening's "mai" is never said this morning; this morning's is, once."""
    clock.move_to(at(11, 15, 30))
    again(chat)
    ward.remind()
    ward.stop()
    clock.move_to(at(12, 8))
    ward.start()
    ward.remind()
    ward.remind()
    hear(chat, "hôm nay 9h tới lượt mình, số 13")
    hear(chat, "ghé sớm 10 phút")
    expect(chat.get_by_test_id("bubble-out").filter(has_text="hôm nay 9h tới lượt")).to_have_count(1)
    expect(chat.get_by_test_id("bubble-out").filter(has_text="mai 9h")).to_have_count(1)


def attended(console: Page, ward: Ward, pictures: Path) -> None:
    for path in (
        "lich-luu-dong",
        "lich-luu-dong?qua=1",
        "lich-luu-dong/chua-xem",
        "lich-luu-dong/1/danh-sach",
    ):
        console.goto(f"{ward.base}/console/{path}")
        fine(console)
    expect(console.get_by_text("Khai tử")).to_be_visible()
    console.get_by_label("Kết quả của số 13").fill("hẹn bổ sung giấy báo tử")
    console.get_by_role("button", name="Số 13 đã tới").click()
    expect(console.get_by_text("Đã tới · hẹn bổ sung giấy báo tử")).to_be_visible()
    console.set_viewport_size({"width": 360, "height": 740})
    console.screenshot(path=pictures / "visits-day-list-360.png", full_page=True)
    console.emulate_media(media="print")
    expect(console.get_by_role("button", name="Số 1 đã tới")).to_be_hidden()
    expect(console.get_by_text("Danh sách trong buổi")).to_be_visible()


def test_dialogue_8_from_both_sides(browser: Browser, tmp_path: Path, pictures: Path) -> None:
    with time_machine.travel(BEGIN, tick=True) as clock, running(tmp_path) as ward:
        ward.add_head()
        console, chat = opened(browser, f"{ward.base}/console/"), opened(browser, f"{ward.base}/simulator/")
        sign_in(console, ward.base)
        plan(console, ward.base)
        eleven_by_telephone(ward)
        sign_up(chat)
        chat.screenshot(path=pictures / "visits-chat.png")

        ward.stop()
        ward.start()
        reminded(chat, ward, clock)
        sign_in(console, ward.base)
        moved(chat, console, ward, clock)
        off_from_four_to_eight(chat, ward, clock)
        sign_in(console, ward.base)
        attended(console, ward, pictures)
        console.close()
        chat.close()
