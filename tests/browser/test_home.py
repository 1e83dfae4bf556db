"""Dialogue 9 from both sides: the family on a phone, the official at a desk, with a moved clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from bot.retention import purge
from store.engine import write_tx
from tests.browser.in_process import Ward, ask, fine, hear, opened, press, running, said, sign_in
from ward.calendar import VIET_NAM
from ward.programmes import changes

pytestmark = pytest.mark.browser
BEGIN = datetime(2026, 11, 27, 9, 0, tzinfo=VIET_NAM)
MOTHER = "Má tôi 86 tuổi không đi nổi, cần ký giấy ủy quyền lãnh tiền"
ADDRESS = "45/2 khóm 1, hẻm chùa, 0912 345 456"
PROGRAMME = "mau_chung_thuc_tai_nha"


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, 5, tzinfo=VIET_NAM)


def asks(chat: Page, pictures: Path) -> None:
    ask(chat, MOTHER)
    hear(chat, "chứng thực chữ ký vào thứ Năm hằng tuần")
    hear(chat, "1. Già yếu, đi lại không được")
    chat.screenshot(path=pictures / "home-groups-360.png")
    ask(chat, "1")
    hear(chat, "Đừng ký trước: ký hoặc điểm chỉ trước mặt cán bộ")
    hear(chat, "10.000")
    press(chat, "Đồng ý, đặt hẹn")
    hear(chat, "3. thứ Năm 10/12/2026, buổi sáng")
    ask(chat, "1")
    hear(chat, "Chỉ cán bộ đi buổi đó thấy")
    ask(chat, ADDRESS)
    hear(chat, "Em ghi: thứ Năm 03/12/2026, buổi sáng")
    for words in ("trước 16h thứ Tư 02/12", "Mã: TN-2611-0001-", "OA không thu tiền, không hỏi OTP nha"):
        expect(said(chat, "Em ghi: thứ Năm 03/12")).to_contain_text(words)
    chat.screenshot(path=pictures / "home-booked-360.png")


def other_matter(chat: Page) -> None:
    """Not a signature: at the time they ask for."""
    ask(chat, "ba tôi nằm một chỗ, cần sao y giấy tờ")
    hear(chat, "cán bộ phường hẹn giờ tới nhà giúp ạ")
    press(chat, "Hẹn giờ tại nhà")
    hear(chat, "Cán bộ tới nhà làm việc nào cho mình ạ?")
    press(chat, "Nhận hồ sơ")
    hear(chat, "Muốn giờ khác thì nhắn ngày, buổi, giờ")
    ask(chat, "chiều 09/12, 14h30")
    expect(chat.get_by_test_id("bubble-out").filter(has_text="Chỉ cán bộ đi buổi đó thấy")).to_have_count(2)
    ask(chat, ADDRESS)
    hear(chat, "Em ghi: thứ Tư 09/12/2026, buổi chiều, 14h30")


def answered(console: Page, chat: Page, ward: Ward, pictures: Path) -> None:
    """One is confirmed; for the other another time is proposed, and taken."""
    console.goto(f"{ward.base}/console/tai-nha")
    expect(console.get_by_role("heading", name="Chờ xác nhận (2)")).to_be_visible()
    expect(console.get_by_text("hẻm chùa")).to_have_count(0)
    fine(console)
    console.get_by_role("link", name="TN-2611-0001-").click()
    expect(console.get_by_text("Diện: Già yếu, đi lại không được (tự khai)")).to_be_visible()
    console.get_by_role("button", name="Mở địa chỉ, số điện thoại").click()
    expect(console.get_by_text("45/2 khóm 1, hẻm chùa")).to_be_visible()
    fine(console)
    for width in (1280, 360):
        console.set_viewport_size({"width": width, "height": 800})
        console.screenshot(path=pictures / f"home-one-{width}.png", full_page=True)
    console.set_viewport_size({"width": 1280, "height": 900})
    console.get_by_role("button", name="Xác nhận và báo người dân").click()
    expect(console.get_by_text("Đã nhận hẹn và báo cho người dân.")).to_be_visible()
    ward.remind()
    hear(chat, "nhận hẹn rồi ạ: thứ Năm 03/12/2026, buổi sáng")

    console.goto(f"{ward.base}/console/tai-nha/2")
    console.get_by_text("Đề nghị giờ khác", exact=True).click()
    console.get_by_label("Ngày", exact=True).fill("2026-12-10")
    console.get_by_label("Buổi").select_option("am")
    console.get_by_label("Giờ (không bắt buộc").fill("9h")
    console.locator("#move-reason").fill("Chiều đó cán bộ đi họp")
    console.get_by_role("button", name="Gửi giờ đề nghị").click()
    expect(console.get_by_text("Đã gửi giờ đề nghị.")).to_be_visible()
    ward.remind()
    hear(chat, "vì chiều đó cán bộ đi họp")
    expect(said(chat, "vì chiều đó cán bộ đi họp")).to_contain_text("thứ Năm 10/12/2026, buổi sáng, 9h")
    press(chat, "Nhận giờ này")
    hear(chat, "Em ghi rồi: thứ Năm 10/12/2026, buổi sáng, 9h")


def reminded(chat: Page, ward: Ward, clock: time_machine.Coordinates) -> None:
    """Started anew in between; they looked after it by its code, which keeps Zalo's window open."""
    ward.stop()
    clock.move_to(at(12, 1, 15))
    ward.start()
    ask(chat, "TN-2611-0001-3")
    hear(chat, "cán bộ đã xác nhận")
    clock.move_to(at(12, 2, 17))
    ward.remind()
    ward.remind()
    hear(chat, "nhắc mình: thứ Năm 03/12/2026, buổi sáng")
    told = chat.get_by_test_id("bubble-out").filter(has_text="đừng ký trước nha")
    expect(told).to_have_count(1)


def visited(console: Page, ward: Ward, clock: time_machine.Coordinates, pictures: Path) -> None:
    """The sheet of the day, hour and minute of the certification, and after thirty days no address."""
    clock.move_to(at(12, 3, 9, 30))
    sign_in(console, ward.base)
    console.goto(f"{ward.base}/console/tai-nha/ngay/2026-12-03")
    expect(console.get_by_text("45/2 khóm 1, hẻm chùa").first).to_be_visible()
    fine(console)
    console.set_viewport_size({"width": 360, "height": 740})
    console.screenshot(path=pictures / "home-route-360.png", full_page=True)
    console.set_viewport_size({"width": 1280, "height": 900})
    console.goto(f"{ward.base}/console/tai-nha/1")
    console.get_by_label("Giờ, phút thực hiện").fill("08:47")
    console.get_by_role("button", name="Đã làm").click()
    expect(console.get_by_text("Thực hiện lúc 03/12/2026 08:47")).to_be_visible()
    fine(console)
    clock.move_to(datetime(2027, 1, 3, 9, 0, tzinfo=VIET_NAM))
    purge(ward.house.engine, datetime.now(UTC))
    sign_in(console, ward.base)
    console.goto(f"{ward.base}/console/tai-nha/1")
    console.get_by_role("button", name="Mở địa chỉ, số điện thoại").click()
    expect(console.get_by_text("Địa chỉ đã xóa")).to_be_visible()
    expect(console.get_by_text("Thực hiện lúc 03/12/2026 08:47")).to_be_visible()


def the_plan_ends(console: Page, chat: Page, ward: Ward) -> None:
    """Over is over: said so, and an official helps."""
    house = ward.house
    with write_tx(house.engine) as connection:
        oa_id, now = house.account.oa_id, datetime.now(UTC)
        end = {"ends": "2026-12-31"}
        changes.change(connection, oa_id, house.programme_files, PROGRAMME, end, None, "Hết kế hoạch", now)
    ask(chat, MOTHER)
    hear(chat, "theo kế hoạch đã hết ngày 31/12/2026")
    press(chat, "Nhờ cán bộ")
    hear(chat, "HD-2701-")
    console.goto(f"{ward.base}/console/phieu?tab=unclaimed")
    console.get_by_role("link", name="Người dân hỏi phục vụ tại nhà").click()
    console.get_by_text("Người dân nhắn trước đó").click()
    expect(console.get_by_text(MOTHER).first).to_be_visible()


def test_dialogue_9_from_both_sides(browser: Browser, tmp_path: Path, pictures: Path) -> None:
    with time_machine.travel(BEGIN, tick=True) as clock, running(tmp_path) as ward:
        ward.add_head()
        console = opened(browser, f"{ward.base}/console/", 1280)
        chat = opened(browser, f"{ward.base}/simulator/", 360)
        sign_in(console, ward.base)
        asks(chat, pictures)
        other_matter(chat)
        answered(console, chat, ward, pictures)
        reminded(chat, ward, clock)
        visited(console, ward, clock, pictures)
        the_plan_ends(console, chat, ward)
        console.close()
        chat.close()
