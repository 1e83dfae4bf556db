"""The chat page in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.support.simulator import RunningSimulator, listening

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
NASTY = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script> & “ạ”"
BUTTONS = [
    {"title": "Hồ sơ cần chuẩn bị", "type": "oa.query.show", "payload": "#ward:ho-so"},
    {"title": "Gọi bộ phận Một cửa", "type": "oa.open.phone", "payload": {"phone_code": "842838000000"}},
    {"title": "Cổng Dịch vụ công", "type": "oa.open.url", "payload": {"url": "https://dichvucong.gov.vn"}},
]

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, zalo: RunningSimulator) -> Iterator[Page]:
    """The wide page with Cô Lan on it; any console error or CSP violation fails the test."""
    zalo.add("Cô Lan", "7100000000000000011")
    context = browser.new_context(viewport=WIDE, locale="vi-VN")  # type: ignore[arg-type]
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    opened.goto(f"{zalo.url}/")
    expect(opened.get_by_test_id("person-pane")).to_have_count(1)
    yield opened
    context.close()
    assert problems == []


def send_buttons(zalo: RunningSimulator, text: str = "Đăng ký khai sinh: bác cần biết điều gì?") -> None:
    attachment = {"type": "template", "payload": {"buttons": BUTTONS}}
    message = {"text": text, "attachment": attachment}
    assert zalo.send(zalo.person("Cô Lan"), message, zalo.token())["error"] == 0


def test_the_policy_is_strict_and_nothing_is_inline(zalo: RunningSimulator) -> None:
    answer = requests.get(f"{zalo.url}/", timeout=5)
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert '<html lang="vi">' in answer.text
    assert not re.search(r"<script(?![^>]*src=)|<style| style=| on\w+=|https?://", answer.text)


def test_typing_enter_and_the_answer(page: Page, zalo: RunningSimulator) -> None:
    page.get_by_test_id("chat-input").fill("làm giấy khai sanh cho bé cần gì")
    page.get_by_test_id("chat-input").press("Enter")
    expect(page.get_by_test_id("bubble-in")).to_contain_text("làm giấy khai sanh")
    expect(page.get_by_test_id("chat-input")).to_be_focused()
    send_buttons(zalo)
    expect(page.get_by_test_id("bubble-out")).to_contain_text("Đăng ký khai sinh")
    page.get_by_test_id("button-choice").first.click()
    expect(page.get_by_test_id("bubble-in").last).to_contain_text("#ward:ho-so")
    link = page.get_by_test_id("button-choice").last
    expect(link).to_have_attribute("href", "https://dichvucong.gov.vn")
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_shift_enter_breaks_the_line(page: Page, zalo: RunningSimulator) -> None:
    page.get_by_test_id("chat-input").press_sequentially("một")
    page.get_by_test_id("chat-input").press("Shift+Enter")
    page.get_by_test_id("chat-input").press_sequentially("hai")
    page.get_by_test_id("chat-send").click()
    expect(page.get_by_test_id("bubble-in")).to_contain_text("một")
    assert zalo.zalo.chat.after(0)[0]["text"] == "một\nhai"


def test_everything_is_escaped(page: Page, zalo: RunningSimulator) -> None:
    zalo.say("Cô Lan", NASTY)
    send_buttons(zalo, NASTY)
    zalo.add(NASTY[:60])
    expect(page.get_by_test_id("bubble-in").locator(".words")).to_have_text(NASTY)
    expect(page.get_by_test_id("bubble-out").locator(".words")).to_have_text(NASTY)
    expect(page.get_by_test_id("person-tab")).to_have_count(2)
    assert page.title() == "Trình giả lập Zalo"
    assert page.locator(".log img, .log script").count() == 0


def test_a_sample_question_starts_an_empty_chat(page: Page) -> None:
    suggestions = page.get_by_test_id("suggestions")
    assert 3 <= suggestions.locator("button").count() <= 4
    suggestions.locator("button").first.click()
    expect(page.get_by_test_id("bubble-in")).to_contain_text("làm giấy khai sanh cho bé cần gì")
    expect(suggestions).to_be_hidden()


def test_people_side_by_side_and_closed_again(page: Page, zalo: RunningSimulator) -> None:
    page.get_by_test_id("add-person").click()
    page.get_by_test_id("add-name").fill("Bác Tư")
    page.get_by_test_id("add-name").press("Enter")
    panes = page.get_by_test_id("person-pane")
    expect(panes).to_have_count(2)
    expect(panes.nth(1).get_by_test_id("chat-input")).to_be_focused()
    page.keyboard.type("Tôi là Tư")
    page.keyboard.press("Enter")
    expect(panes.nth(1).get_by_test_id("bubble-in")).to_contain_text("Tôi là Tư")
    expect(panes.nth(0).get_by_test_id("bubble-in")).to_have_count(0)
    page.get_by_role("button", name="Đóng khung của Bác Tư").click()
    expect(panes).to_have_count(1)
    page.get_by_test_id("person-tab").nth(1).click()
    expect(panes.nth(1).get_by_test_id("bubble-in")).to_contain_text("Tôi là Tư")
    page.reload()
    expect(panes).to_have_count(2)


def test_one_at_a_time_on_a_phone(page: Page, zalo: RunningSimulator) -> None:
    zalo.add("Bác Tư")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.get_by_test_id("person-tab").nth(1).click()
    expect(page.locator("[data-testid=person-pane]:visible")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator("[data-testid=chat-send]:visible").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"]


def test_the_keyboard_reaches_everything_in_order(page: Page, zalo: RunningSimulator) -> None:
    zalo.say("Cô Lan", "Xin chào")
    send_buttons(zalo)
    expect(page.get_by_test_id("button-choice")).to_have_count(3)
    page.get_by_test_id("person-tab").first.focus()
    seen: list[str] = []
    for _ in range(11):
        page.keyboard.press("Tab")
        script = "document.activeElement.dataset.testid || document.activeElement.className"
        seen.append(page.evaluate(script))
    assert seen == [
        "add-person", "drawer-toggle", "icon close", "log", "button-choice", "button-choice", "button-choice",
        "icon more", "chat-input", "chat-send", "",
    ]  # fmt: skip


def test_escape_closes_what_was_opened(page: Page) -> None:
    more = page.get_by_role("button", name="Gửi ảnh, tệp, vị trí")
    more.click()
    expect(page.get_by_role("button", name="Vị trí", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    page.get_by_test_id("drawer-toggle").click()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("drawer")).to_be_hidden()
    expect(page.get_by_test_id("drawer-toggle")).to_be_focused()


def test_attachments_from_the_page(page: Page, zalo: RunningSimulator) -> None:
    picture = b"\x89PNG\r\n\x1a\n"
    page.get_by_test_id("pick-file").set_input_files(
        {"name": "đơn.pdf", "mimeType": "x/y", "buffer": picture}
    )
    expect(page.get_by_test_id("bubble-in").last).to_contain_text("đơn.pdf")
    page.get_by_role("button", name="Gửi ảnh, tệp, vị trí").click()
    page.get_by_role("button", name="Vị trí", exact=True).click()
    page.get_by_role("button", name="Gửi vị trí").click()
    expect(page.get_by_test_id("bubble-in").last).to_contain_text("10.7769")
    kinds = [row["kind"] for row in zalo.zalo.chat.after(0)]
    assert kinds == ["file", "location"]


def test_a_staff_reply_and_faults_from_the_drawer(page: Page, zalo: RunningSimulator) -> None:
    page.get_by_test_id("drawer-toggle").click()
    page.get_by_test_id("staff-input").fill("Cán bộ Lan xin trả lời")
    page.get_by_test_id("staff-send").click()
    expect(page.get_by_test_id("bubble-out")).to_contain_text("Cán bộ Lan xin trả lời")
    page.get_by_test_id("fault-kind").select_option("drop_after_accept")
    page.get_by_test_id("fault-add").click()
    expect(page.get_by_test_id("fault-list")).to_contain_text("mất kết nối")
    assert [fault.kind for fault in zalo.zalo.faults.all()] == ["drop_after_accept"]
    page.get_by_test_id("fault-clear").click()
    expect(page.get_by_test_id("fault-list").locator("li")).to_have_count(0)
    page.get_by_test_id("government").check()
    zalo.wait_until(lambda: zalo.zalo.settings.government)
    page.get_by_test_id("follow").click()
    expect(page.get_by_test_id("person-pane")).to_contain_text("đã quan tâm")


def test_an_information_card_is_filled_in(page: Page, zalo: RunningSimulator) -> None:
    zalo.say("Cô Lan", "Xin chào")
    element = {"title": "Cho xin thông tin", "subtitle": "Để liên hệ", "image_url": "https://a.example/a.png"}
    payload = {"template_type": "request_user_info", "elements": [element]}
    message = {"attachment": {"type": "template", "payload": payload}}
    assert zalo.send(zalo.person("Cô Lan"), message, zalo.token())["error"] == 0
    page.get_by_role("button", name="Chia sẻ thông tin").click()
    page.get_by_label("Họ và tên").fill("Nguyễn Thị Lan")
    page.get_by_label("Số điện thoại").fill("0900000000")
    page.get_by_role("button", name="Gửi thông tin").click()
    expect(page.get_by_test_id("bubble-in").last).to_contain_text("Nguyễn Thị Lan")


def test_ticks_follow_the_delivery(page: Page, zalo: RunningSimulator) -> None:
    with listening([500]) as webhook:
        zalo.zalo.configure(webhook_url=webhook.url)
        zalo.say("Cô Lan", "Có ai không")
        expect(page.get_by_test_id("bubble-in")).to_contain_text("sẽ gửi lại")
        zalo.call("POST", "webhook/retry")
        expect(page.get_by_test_id("bubble-in")).to_contain_text("Đã nhận")


def test_a_hidden_page_asks_nothing(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.wait_for_timeout(300)
    asked.clear()
    page.wait_for_timeout(1500)
    assert asked == []
    with page.expect_request("**/api/updates*"):
        page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")


def test_targets_are_large_enough(page: Page, zalo: RunningSimulator) -> None:
    zalo.say("Cô Lan", "Xin chào")
    send_buttons(zalo)
    expect(page.get_by_test_id("button-choice")).to_have_count(3)
    page.get_by_test_id("drawer-toggle").click()
    for button in page.locator("button:visible, input:visible, select:visible, .choice:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 22, button.inner_text()
        assert box["width"] >= 22, button.inner_text()
