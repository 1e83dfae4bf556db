"""Private health facilities from both sides: the chat, and the health officer at the console."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from store.engine import open_engine, read_tx, write_tx
from store.schema import staff as table
from tests.browser.office import fine, heard, say
from tests.console.support import PASSWORD, hash_once
from ward import staff
from ward.staff import NewOfficial

pytestmark = pytest.mark.browser
TALKS = {
    "moving": (
        "Phòng khám răng dời qua số nhà khác, giấy phép sao em?",
        "Nha khoa Ánh Dương, phòng khám RHM. Dời trong cùng phường thì thẩm định lại không?",
        "Nha khoa Ánh Dương",
        "Dời trong cùng phường thì thẩm định lại không?",
    ),
    "pharmacy": (
        "mở nhà thuốc cần giấy gì",
        "Nhà thuốc Minh Tâm, nhà thuốc. Tủ thuốc cũ có dùng lại được không?",
        "Nhà thuốc Minh Tâm",
        "Tủ thuốc cũ có dùng lại được không?",
    ),
    "spa": (
        "em tính mở spa thì xin phép ở đâu",
        "Spa Hoa Sen, spa chăm sóc da. Có cần thông báo đủ điều kiện nữa không?",
        "Spa Hoa Sen",
        "Có cần thông báo đủ điều kiện nữa không?",
    ),
    "address": (
        "phường đổi tên đường thì giấy phép phòng khám có phải sửa không",
        "Phòng khám Nhi Đồng, chuyên khoa nhi. Đổi tên đường thì giấy phép sửa ở đâu?",
        "Phòng khám Nhi Đồng",
        "Đổi tên đường thì giấy phép sửa ở đâu?",
    ),
}


def press(chat: Page, title: str) -> None:
    chat.get_by_test_id("button-choice").filter(has_text=re.compile(rf"{title}$")).last.click()


Opened = Callable[[str], Page]


@pytest.fixture
def opened(base_url: str, tmp_path: Path, browser: Browser, width: int, height: int) -> Opened:
    """A page for a role: `citizen`, or an official of that name, signed in."""
    engine = open_engine(f"sqlite:///{tmp_path}/ward.db")
    now = datetime.now(UTC)
    with read_tx(engine) as connection:
        oa_id = connection.execute(select(table.c.oa_id)).scalars().first()
    assert oa_id is not None
    officials = {
        "yte": NewOfficial("Lê Y Tế", "Cán bộ y tế", ("field",), ("y_te",)),
        "motcua": NewOfficial("Phạm Một Cửa", "Một cửa", ("one_stop",)),
    }
    for name, new in officials.items():
        with write_tx(engine) as connection:
            made, _ = staff.add(connection, oa_id, None, f"{name}.y", new, now)
            staff.change_password(connection, made, hash_once(), now)
    engine.dispose()

    def page_of(role: str) -> Page:
        size = {"width": width, "height": height}
        page = browser.new_context(viewport=size, locale="vi-VN").new_page()  # type: ignore[arg-type]
        page.set_default_timeout(15_000)
        page.goto(f"{base_url}/simulator/" if role == "citizen" else f"{base_url}/console/")
        if role != "citizen":
            page.get_by_label("Tên đăng nhập").fill(f"{role}.y")
            page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
            page.locator("main form").first.locator("button[type=submit]").click()
            page.get_by_role("heading", name="Hôm nay").wait_for()
        return page

    return page_of


@pytest.mark.parametrize(
    ("talk", "width", "height"), [(talk, 360 if talk == "moving" else 1280, 800) for talk in TALKS]
)
def test_a_facility_asks_and_the_officer_answers(
    base_url: str, opened: Opened, pictures: Path, talk: str
) -> None:
    first, told, name, question = TALKS[talk]
    chat, desk = opened("citizen"), opened("yte")
    say(chat, first)
    heard(chat, re.compile("Dạ"))
    say(chat, "hỏi cán bộ y tế")
    heard(chat, "đừng gửi thông tin người bệnh")
    say(chat, told)
    heard(chat, name)
    press(chat, "Đồng ý lưu")
    heard(chat, re.compile(r"HD-\d{4}-\d{4}-\d"))
    press(chat, "Có")
    heard(chat, "DỪNG")
    desk.goto(f"{base_url}/console/co-so-y-te")
    desk.get_by_role("link", name=name).click()
    expect(desk.get_by_text(question)).to_be_visible()
    expect(desk.get_by_text("nhận tin từ")).to_be_visible()
    answered(base_url, desk, chat, name, pictures)


def answered(base_url: str, desk: Page, chat: Page, name: str, pictures: Path) -> None:
    """The officer takes the case, sees the facility beside it, answers; the answer becomes a draft."""
    desk.goto(f"{base_url}/console/phieu?tab=unclaimed")
    desk.locator("main a[href*='/phieu/HD-']").first.click()
    desk.get_by_role("button", name="Nhận việc").first.click()
    beside = desk.get_by_role("region", name="Cơ sở y tế")
    expect(beside.get_by_role("link", name=name)).to_be_visible()
    expect(beside.get_by_text("1/1 tài khoản nhận tin")).to_be_visible()
    fine(desk)
    desk.screenshot(path=pictures / "console-facility-case.png", full_page=True)
    address = desk.url.split("#")[0].split("?")[0]
    desk.locator("#text").fill("Phần này Sở Y tế xem từng hồ sơ, mình hỏi Sở trước khi nộp nha.")
    desk.get_by_role("button", name="Trả lời và xong").click()
    heard(chat, "Sở Y tế xem từng hồ sơ")
    draft = desk.get_by_role("button", name="Soạn bản nháp")
    for _ in range(20):  # the chat may have it before the case knows that it arrived
        desk.goto(address)
        if draft.is_visible():
            break
        desk.wait_for_timeout(500)
    draft.click()
    expect(desk.get_by_role("heading", name="Đưa thành thẻ?")).to_be_visible()
    fine(desk)


@pytest.mark.parametrize(("width", "height"), [(1280, 900)])
def test_the_officers_pages(
    base_url: str, opened: Opened, tmp_path: Path, pictures: Path, width: int, height: int
) -> None:
    chat, desk = opened("citizen"), opened("yte")
    say(chat, "đăng ký cơ sở y tế")
    heard(chat, "tên cơ sở và loại hình")
    say(chat, "Nha khoa Ánh Dương, phòng khám RHM")
    heard(chat, "đồng ý cho em lưu")
    press(chat, "Đồng ý lưu")
    heard(chat, "muốn nhận quy định")
    press(chat, "Có")
    heard(chat, "DỪNG")

    file = tmp_path / "co-so.csv"
    file.write_text(
        "Tên cơ sở;Loại hình;Khóm;Loại giấy;Số giấy;Ngày hết hạn\n"
        "Nhà thuốc Minh Tâm;nhà thuốc;Khóm 1;GPP;12/GPP;31/12/2026\n"
        "Phòng khám Nhi Đồng;phòng khám chuyên khoa;Khóm 2;GPHN;345/ĐT;1/6/2029\n"
        "Spa Hoa Sen;spa;Khóm 1;;;\n=CMD();nhà thuốc;;;;\n",
        "utf-8",
    )
    desk.goto(f"{base_url}/console/co-so-y-te/nhap")
    fine(desk)
    desk.get_by_label("Tệp CSV").set_input_files(file)
    desk.get_by_role("button", name="Nhập tệp").click()
    expect(desk.get_by_text("Thêm 3 cơ sở")).to_be_visible()
    expect(desk.get_by_text("công thức")).to_be_visible()
    fine(desk)
    desk.goto(f"{base_url}/console/co-so-y-te")
    fine(desk)
    expect(desk.get_by_text("4 cơ sở")).to_be_visible()
    desk.screenshot(path=pictures / f"console-facilities-{width}.png", full_page=True)

    desk.get_by_role("link", name="Nha khoa Ánh Dương").click()
    desk.get_by_text("Ghi hoặc sửa một giấy").click()
    desk.get_by_label("Loại giấy").select_option("gphn")
    desk.get_by_label("Ngày hết hạn").fill("1/13/2027")
    desk.get_by_role("button", name="Lưu giấy").click()
    expect(desk.get_by_text("ghi ngày như")).to_be_visible()
    fine(desk)
    desk.get_by_label("Loại giấy").select_option("gphn")
    desk.get_by_label("Ngày hết hạn").fill("1/6/2028")
    desk.get_by_role("button", name="Lưu giấy").click()
    expect(desk.get_by_text("hết hạn 01/06/2028")).to_be_visible()
    fine(desk)
    desk.screenshot(path=pictures / f"console-facility-{width}.png", full_page=True)
    desk.get_by_role("button", name="Sửa thông tin").click()
    fine(desk)
    desk.get_by_label("Người phụ trách").fill("BS Dương")
    desk.get_by_role("button", name="Lưu cơ sở").click()
    expect(desk.get_by_text("BS Dương")).to_be_visible()

    desk.goto(f"{base_url}/console/tin-y-te")
    desk.get_by_label("Tiêu đề").fill("Quảng cáo dịch vụ khám bệnh")
    desk.get_by_label("Nội dung").fill("Từ 15/02/2026 không còn xác nhận nội dung quảng cáo.")
    desk.get_by_role("button", name="Lưu bản nháp").click()
    expect(desk.get_by_text("Người soạn không tự duyệt.")).to_be_visible()
    fine(desk)
    second = opened("motcua")
    second.goto(f"{base_url}/console/tin-y-te")
    second.get_by_role("button", name="Duyệt và gửi").click()
    expect(second.get_by_text("1 tài khoản đã đồng ý")).to_be_visible()
    heard(chat, "không còn xác nhận nội dung quảng cáo")
    fine(second)
    second.screenshot(path=pictures / f"console-health-news-{width}.png", full_page=True)

    desk.goto(f"{base_url}/console/co-so-y-te/bao-cao")
    expect(desk.get_by_text("Cơ sở đồng ý nhận tin")).to_be_visible()
    fine(desk)
    with desk.expect_download() as got:
        desk.get_by_role("button", name="Tải tệp Excel").click()
    assert got.value.path().read_bytes().startswith(b"PK")
