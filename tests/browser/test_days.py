"""Dialogue 10 from both sides, Friday 14:50 to Monday morning: the list, the hour, the notice of a result."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from store.engine import write_tx
from tests.browser.in_process import Ward, ask, fine, hear, opened, press, running, said, sign_in
from ward import settings
from ward.calendar import VIET_NAM

pytestmark = pytest.mark.browser
FRIDAY = datetime(2026, 11, 27, 14, 50, tzinfo=VIET_NAM)
MONDAY = datetime(2026, 11, 30, 8, 15, tzinfo=VIET_NAM)
BEFORE_TET = datetime(2026, 12, 31, 15, 40, tzinfo=VIET_NAM)
PROGRAMME = "th_thu_sau_khong_cho"
DOSSIER = "H20.27-261127-0003"
COUNT = 21


def csv_of(ward: Ward) -> bytes:
    """As many procedures as the decision counts, out of the library: the ward's own list is not public."""
    entries = [entry for entry in ward.house.library.entries() if entry.code]
    civil = sorted(entries, key=lambda one: (one.key != "trich_luc_ho_tich", one.field != "ho_tich", one.key))
    lines = dict.fromkeys(f"{entry.code};{entry.official_name.replace(';', ',')}" for entry in civil)
    return "\n".join(["Mã;Tên", *list(lines)[:COUNT]]).encode()


def not_loaded(chat: Page, console: Page, ward: Ward) -> None:
    """Without the list nothing is invented: the one-stop desk answers."""
    ask(chat, "thứ sáu này làm gì được lấy liền")
    hear(chat, "đang được phường cập nhật. Em chuyển câu này cho một cửa trả lời nha")
    hear(chat, "HD-2611-")
    console.goto(f"{ward.base}/console/phieu?tab=unclaimed")
    expect(console.get_by_text("thứ sáu này làm gì được lấy liền").first).to_be_visible()


def load(console: Page, ward: Ward) -> None:
    console.goto(f"{ward.base}/console/mo-hinh/{PROGRAMME}")
    listed = {"name": "a.csv", "mimeType": "text/csv", "buffer": csv_of(ward)}
    console.get_by_label("Nạp từ tệp CSV").set_input_files(listed)  # type: ignore[arg-type]
    console.get_by_role("button", name="Xem thử trước khi nạp").click()
    fine(console)
    console.get_by_label("Lý do (bắt buộc)").first.fill("Danh mục dùng thử")
    console.get_by_role("button", name="Nạp danh mục").click()
    expect(console.get_by_text("Đã nạp")).to_be_visible()


def friday(chat: Page, pictures: Path) -> None:
    ask(chat, "giờ chạy ra làm trích lục khai sinh kịp hông")
    hear(chat, "Hôm nay là ngày thứ Sáu không chờ.")
    first = said(chat, "Hôm nay là ngày thứ Sáu không chờ.")
    for words in (
        "Nộp đủ giấy trước 15h30 thì lấy liền trong hôm nay.",
        "Sau 15h30: hẹn trước 9h thứ Hai 30/11.",
        "Mình mang: căn cước",
    ):
        expect(first).to_contain_text(words)
    ask(chat, "15h40 mới tới được")
    hear(chat, "mình được hẹn trước 9h thứ Hai 30/11 nha")
    expect(said(chat, "hẹn trước 9h thứ Hai 30/11 nha")).to_contain_text("em nhắn khi có kết quả không ạ?")
    chat.screenshot(path=pictures / "days-chat-360.png")
    ask(chat, "còn đất đai có không chờ không")
    hear(chat, "chưa nằm trong danh mục không chờ")
    expect(chat.get_by_test_id("button-choice").filter(has_text="Giấy tờ cần").last).to_be_visible()
    press(chat, "Xem danh mục")
    hear(chat, "các việc làm liền khi đủ giấy")
    ask(chat, "giờ chạy ra làm trích lục khai sinh kịp hông")
    expect(chat.get_by_test_id("bubble-out").filter(has_text="Mình mang: căn cước")).to_have_count(2)
    ask(chat, "15h40 mới tới được")
    expect(chat.get_by_test_id("bubble-out").filter(has_text="9h thứ Hai 30/11 nha")).to_have_count(2)
    press(chat, "Nhắn Zalo")
    hear(chat, "có kết quả là phường nhắn mình qua Zalo này")


def allow_paid(ward: Ward) -> None:
    """Zalo's free two days do not reach over the week-end; the ward pays for what comes later."""
    now, oa_id = datetime.now(UTC), ward.house.account.oa_id
    with write_tx(ward.house.engine) as connection:
        settings.set_one(connection, oa_id, None, "reminder_paid", True, "Báo kết quả qua cuối tuần", now)


def monday(chat: Page, console: Page, ward: Ward, pictures: Path) -> None:
    """The officer writes the dossier's code; the message says the code, where and when."""
    sign_in(console, ward.base)
    expect(console.get_by_text("Chờ báo kết quả")).to_be_visible()
    console.goto(f"{ward.base}/console/bao-ket-qua")
    fine(console)
    console.get_by_label("Mã hồ sơ, KQ-2611-").fill("chị Tám tới lấy")
    console.get_by_role("button", name="Đã có kết quả, báo").click()
    expect(console.get_by_role("alert")).to_contain_text("Ghi mã hồ sơ như trên giấy hẹn")
    expect(console.get_by_label("Mã hồ sơ, KQ-2611-")).to_have_value("chị Tám tới lấy")
    fine(console)
    for width in (1280, 360):
        console.set_viewport_size({"width": width, "height": 800})
        console.screenshot(path=pictures / f"results-{width}.png", full_page=True)
    console.get_by_label("Mã hồ sơ, KQ-2611-").fill(DOSSIER)
    console.get_by_role("button", name="Đã có kết quả, báo").click()
    expect(console.get_by_text("Người dân được báo theo cách đã chọn.")).to_be_visible()
    fine(console)
    ward.remind()
    ward.remind()
    hear(chat, f"hồ sơ {DOSSIER} của mình có kết quả rồi ạ")
    told = chat.get_by_test_id("bubble-out").filter(has_text=DOSSIER)
    expect(told).to_have_count(1)
    expect(told).to_contain_text("từ thứ Hai 30/11/2026")
    expect(told).not_to_contain_text("rích lục")
    ward.house.reminding().settle(datetime.now(UTC))
    console.reload()
    expect(console.get_by_text("Đã báo", exact=True)).to_be_visible()


def over_a_holiday(chat: Page) -> None:
    """Thursday before New Year's Day, a Friday: the promise goes to Monday."""
    ask(chat, "giờ chạy ra làm trích lục khai sinh kịp hông")
    hear(chat, "thứ Hai 04/01")


def test_dialogue_10_from_both_sides(browser: Browser, tmp_path: Path, pictures: Path) -> None:
    with time_machine.travel(FRIDAY, tick=True) as clock, running(tmp_path) as ward:
        ward.add_head()
        console = opened(browser, f"{ward.base}/console/", 1280)
        chat = opened(browser, f"{ward.base}/simulator/", 360)
        sign_in(console, ward.base)
        not_loaded(chat, console, ward)
        load(console, ward)
        friday(chat, pictures)
        allow_paid(ward)
        ward.stop()
        clock.move_to(MONDAY)
        ward.start()
        monday(chat, console, ward, pictures)
        clock.move_to(BEFORE_TET)
        over_a_holiday(chat)
        console.close()
        chat.close()
