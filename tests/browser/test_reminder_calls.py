"""The list of calls, and the forms for callers and programmes, on a desk and on a small phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from store.engine import write_tx
from store.secrets import SecretBox
from tests.bot.support_reminders import at, book, plan
from tests.browser.test_visits import Ward, fine, running, sign_in
from tests.support.house import SECRET_KEY
from ward.programmes.ending import remind

pytestmark = pytest.mark.browser
T3 = at("2026-12-02 09:00")
SLOW = 60_000
"""The machine may be busy with other things; what is tested is not how fast it is."""


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """One program for both sizes, with nobody's Zalo to reach."""
    with time_machine.travel(T3) as clock, running(tmp_path_factory.mktemp("calls")) as ward:
        clock.shift(1)
        ward.add_head()
        yield ward


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    expect.set_options(timeout=SLOW)
    yield
    expect.set_options(timeout=None)


def people(ward: Ward) -> None:
    engine, oa_id = ward.house.engine, ward.house.account.oa_id
    box = SecretBox(SECRET_KEY, "visits")
    visit = plan(engine, oa_id=oa_id)
    for who in ({"name": "Chị Tám", "phone": "0901 234 567"}, {}):
        book(engine, visit, None, box=box, oa_id=oa_id, **who)
    ward.remind()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)], ids=["desktop", "phone"])
def test_a_person_is_called(browser: Browser, ward: Ward, pictures: Path, width: int, height: int) -> None:
    people(ward)
    base = f"http://127.0.0.1:{ward.port}"
    page = browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
    page.set_default_timeout(SLOW)
    sign_in(page, base)
    page.goto(f"{base}/console/can-goi")
    one = page.locator("li.person").filter(has_text="Chị Tám").first
    title = str(one.get_by_role("heading").text_content())
    code = title.rpartition(" ")[2]
    expect(one.get_by_text("Lý do gọi: người này không dùng Zalo")).to_be_visible()
    fine(page)
    page.get_by_role("button", name=f"Coi số điện thoại, {code}").click()
    number = page.get_by_role("button", name=f"Gọi 0901 234 567, {code}")
    expect(number).to_have_attribute("href", "tel:0901234567")
    fine(page)
    page.screenshot(
        path=pictures / f"console-call-list{'' if width > 1000 else '-phone'}.png", full_page=True
    )
    press(page, f"Không nghe máy, {code}", "đã gọi 1 lần không gặp")
    press(page, f"Đã gọi, {code}", "Đã ghi cuộc gọi.")
    expect(page.locator("li.person").filter(has_text=code)).to_have_count(0)
    fine(page)
    press(page, f"Bỏ lần ghi này, {code}", "Đã bỏ lần ghi đó.")
    expect(page.locator("li.person").filter(has_text=code)).to_have_count(1)
    press(page, f"Đã gọi, {code}", "Đã ghi cuộc gọi.")
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)], ids=["desktop", "phone"])
def test_forms_for_callers_and_programmes(
    browser: Browser, ward: Ward, pictures: Path, width: int, height: int
) -> None:
    see_to(ward)
    base, size = f"http://127.0.0.1:{ward.port}", "" if width > 1000 else "-phone"
    page = browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
    page.set_default_timeout(SLOW)
    sign_in(page, base)
    page.goto(f"{base}/console/tai-nha/ghi-giup")
    page.get_by_label("Tên gọi").fill("Anh Ba")
    fine(page)
    page.screenshot(path=pictures / f"console-home-entry{size}.png", full_page=True)
    page.goto(f"{base}/console/mo-hinh")
    expect(page.get_by_role("heading", name="Việc cần lo")).to_be_visible()
    page.get_by_text("Coi từng việc").click()
    page.get_by_text("Ghi đã lo xong").first.click()
    fine(page)
    page.screenshot(path=pictures / f"console-programmes{size}.png")
    page.goto(f"{base}/console/mo-hinh/sd_09_luu_dong/sua")
    page.get_by_label("Người thường đi").fill("Chị Hạnh")
    page.locator("#find").fill("kết hôn")
    page.locator("#find").press("Enter")
    expect(page.locator("input[name=procedures]").first).to_be_visible()
    expect(page.get_by_label("Người thường đi")).to_have_value("Chị Hạnh")
    fine(page)
    part = page.get_by_role("group", name="Việc nhận làm")
    part.screenshot(path=pictures / f"console-programme-form{size}.png")
    page.close()


def see_to(ward: Ward) -> None:
    """The clock's look at the programmes, at once."""
    house = ward.house
    with write_tx(house.engine) as connection:
        oa_id, now = house.account.oa_id, datetime.now(UTC)
        remind(connection, oa_id, house.programme_files, house.calendar, now)


def press(page: Page, name: str, told: str) -> None:
    page.get_by_role("button", name=name).first.click()
    expect(page.get_by_text(told).first).to_be_visible()
