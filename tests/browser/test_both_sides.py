"""Model dialogues 5, 6, 7, 11, 12 from both sides: a citizen in the chat, an official at the console."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.office import Ward, fine, heard, say
from tests.ward.test_pictures import as_file, street

pytestmark = pytest.mark.browser
DESKTOP = pytest.mark.parametrize(("width", "height"), [(1280, 900)], ids=["desktop"])
PHONE = pytest.mark.parametrize(("width", "height"), [(360, 740)], ids=["phone"])
"""Each dialogue is played at one width; `fine` looks at every page at both."""
ANSWER = "Dạ mình mang tờ khai, giấy khai sinh của bé tới Một cửa trước 16 giờ hôm nay nha.\nEm cảm ơn."


@pytest.fixture
def ward(base_url: str, tmp_path: Path, browser: Browser) -> Ward:
    return Ward(base_url, tmp_path, browser)


def code_told(chat: Page, prefix: str) -> str:
    heard(chat, re.compile(rf"{prefix}-\d{{4}}-\d{{4}}-\d"))
    said = " ".join(chat.get_by_test_id("bubble-out").all_inner_texts())
    return re.findall(rf"{prefix}-\d{{4}}-\d{{4}}-\d", said)[-1]


def shot(page: Page, pictures: Path, name: str, width: int) -> None:
    page.screenshot(path=pictures / f"console-{name}{'' if width > 400 else '-phone'}.png", full_page=True)


@DESKTOP
def test_a_question_handed_over_is_answered_from_the_console(
    ward: Ward, pictures: Path, width: int, height: int
) -> None:
    chat, desk = ward.citizen(width, height), ward.official("motcua", width, height)
    say(chat, "cho tui gặp cán bộ")
    expect(chat.get_by_test_id("bubble-out").first).to_be_visible()
    say(chat, "Con tôi mang họ mẹ, giờ muốn đổi qua họ cha mà cha ở nước ngoài thì làm sao?")
    code = code_told(chat, "HD")

    desk.goto(f"{ward.base_url}/console/phieu")
    fine(desk)
    shot(desk, pictures, "queue", width)
    desk.get_by_role("link", name=re.compile("cha ở nước ngoài")).click()
    expect(desk.get_by_role("heading", name=code)).to_be_visible()
    fine(desk)
    desk.get_by_role("button", name="Nhận việc").click()
    expect(desk.get_by_text(f"Đã nhận phiếu {code}.")).to_be_visible()

    desk.get_by_text("Chèn từ cẩm nang").click()
    desk.get_by_label("Tìm thủ tục").fill("thay đổi họ cho con")
    desk.locator("#library").get_by_role("button", name="Tìm").click()
    desk.locator(".found button").first.click()
    expect(desk.locator("fieldset.entry")).to_be_visible()
    fine(desk)
    desk.get_by_role("button", name="Chèn vào câu trả lời").click()
    expect(desk.get_by_label("Câu trả lời")).to_have_value(re.compile("Giấy tờ:"))

    desk.get_by_label("Câu trả lời").fill("MANG GIẤY LÊN PHƯỜNG LIỀN")
    desk.get_by_role("button", name="Xem thử trên điện thoại").click()
    expect(desk.get_by_text("Nhắc câu chữ")).to_be_visible()
    desk.get_by_label("Câu trả lời").fill(ANSWER)
    desk.get_by_role("button", name="Xem thử trên điện thoại").click()
    expect(desk.locator(".bubble").first).to_contain_text("giấy khai sinh của bé")
    fine(desk)
    shot(desk, pictures, "case", width)
    desk.get_by_role("button", name="Trả lời và xong").click()
    expect(desk.get_by_text("Đang gửi câu trả lời")).to_be_visible()

    heard(chat, "Phạm Một Cửa, bộ phận Một cửa")
    heard(chat, "giấy khai sinh của bé")
    chat.get_by_test_id("button-choice").filter(has_text="Rõ rồi").last.click()
    _wait_for(desk, "phiếu xong")
    fine(desk)
    desk.get_by_role("button", name="Soạn bản nháp").click()
    fine(desk)
    desk.get_by_role("button", name="Lưu bản nháp").click()
    expect(desk.get_by_text("Đã lưu bản nháp.")).to_be_visible()


@PHONE
def test_a_report_with_a_picture_is_closed_with_a_picture(
    ward: Ward, pictures: Path, tmp_path: Path, width: int, height: int
) -> None:
    before, after = tmp_path / "truoc.jpg", tmp_path / "sau.jpg"
    before.write_bytes(as_file(street(640, 400)))
    after.write_bytes(as_file(street(800, 500)))
    chat, desk = ward.citizen(width, height), ward.official("motcua", width, height)
    say(chat, "phản ánh cống bể nước hôi quá trời")
    for words in _ANSWERS:
        _answer_next(chat, words, before)
    code = code_told(chat, "PA")

    desk.goto(f"{ward.base_url}/console/phieu/{code}")
    fine(desk)
    expect(desk.get_by_role("img", name="người dân gửi").first).to_be_visible()
    desk.get_by_role("button", name="Nhận việc").click()
    if not desk.get_by_label("Mức độ", exact=True).is_visible():
        desk.get_by_text("Phân loại", exact=True).click()
    desk.get_by_label("Mức độ", exact=True).select_option("urgent")
    desk.get_by_role("button", name="Lưu phân loại").click()
    heard(chat, "xếp loại khẩn")

    desk.get_by_text("Đóng phiếu hiện trường").click()
    desk.get_by_label("Đã làm gì, ở đâu, ngày nào").fill("Đã thay nắp cống chiều nay, đi lại an toàn rồi ạ.")
    desk.get_by_label("Ảnh sau xử lý").set_input_files(after)
    fine(desk)
    shot(desk, pictures, "report", width)
    desk.get_by_role("button", name="Đóng phiếu").click()
    heard(chat, "đã thay nắp cống")
    expect(chat.locator("img").last).to_be_visible()
    _wait_for(desk, "phiếu xong")
    chat.get_by_test_id("button-choice").filter(has_text="Chưa xong").last.click()
    chat.wait_for_timeout(1_000)
    say(chat, "nắp mới còn kênh, xe qua kêu dữ lắm")
    heard(chat, "mở lại")
    _wait_for(desk, "phiếu mở lại")
    fine(desk)
    for path in ("", "/phieu?tab=mine", "/can-goi", "/cau-chua-tra-loi", "/phieu-csv"):
        desk.goto(f"{ward.base_url}/console{path}")
        fine(desk)
        shot(desk, pictures, _NAMES[path], width)
    sealed = ward.official("kin", width, height)
    for path in ("/tin-kin", "/hen-tiep-dan"):
        sealed.goto(f"{ward.base_url}/console{path}")
        fine(sealed)
        shot(sealed, pictures, _NAMES[path], width)


@PHONE
def test_a_denunciation_is_turned_to_the_reception_day_and_seen_by_one_role(
    ward: Ward, width: int, height: int
) -> None:
    chat, desk = ward.citizen(width, height), ward.official("motcua", width, height)
    say(chat, "Tôi muốn tố cáo ông Sáu Kền bên địa chính ăn tiền")
    heard(chat, "không nhận nội dung qua Zalo")
    press(chat, "Tố cáo")
    heard(chat, "đơn có ký tên")
    press(chat, "Hẹn ngày tiếp dân")
    heard(chat, "không cần ghi nội dung")
    chat.get_by_test_id("button-choice").filter(has_text=re.compile(r"\d{2}/\d{2}")).last.click()
    heard(chat, "muốn được gọi là gì")
    say(chat, "chị Tám")
    code_told(chat, "TD")
    for path in ("", "/phieu", "/can-goi", "/cau-chua-tra-loi"):
        desk.goto(f"{ward.base_url}/console{path}")
        assert "Sáu Kền" not in desk.content(), path

    sealed = ward.official("kin", width, height)
    sealed.goto(f"{ward.base_url}/console/tin-kin")
    assert "Sáu Kền" not in sealed.content()
    sealed.get_by_role("button", name=re.compile("^Mở tin lúc")).first.click()
    expect(sealed.get_by_text("Sáu Kền")).to_be_visible()
    fine(sealed)
    sealed.goto(f"{ward.base_url}/console/hen-tiep-dan")
    expect(sealed.get_by_text("chị Tám")).to_be_visible()


@DESKTOP
def test_a_case_is_followed_by_its_code_hidden_from_others_and_erased_on_wish(
    ward: Ward, pictures: Path, width: int, height: int
) -> None:
    chat, desk = ward.citizen(width, height), ward.official("motcua", width, height)
    say(chat, "cho tui gặp cán bộ")
    heard(chat, "ghi câu hỏi")
    say(chat, "hàng rào nhà bên lấn qua đất nhà tui thì phường có xuống đo giùm không")
    code = code_told(chat, "HD")
    desk.goto(f"{ward.base_url}/console/phieu/{code}")
    desk.get_by_role("button", name="Nhận việc").click()
    expect(desk.get_by_text(f"Đã nhận phiếu {code}.")).to_be_visible()
    say(chat, f"tra ma {code.replace('-', ' ').lower()}")
    heard(chat, "Cán bộ nhận việc")
    other = ward.citizen(width, height)
    tab = other.get_by_test_id("person-tab").nth(1)
    if tab.is_visible():
        tab.click()
    neighbour = other.get_by_test_id("person-pane").nth(1)
    for words, answer in ((code, "4 số cuối"), ("1234", "chưa tìm thấy")):
        neighbour.get_by_test_id("chat-input").fill(words)
        neighbour.get_by_test_id("chat-send").click()
        told = neighbour.get_by_test_id("bubble-out").filter(has_text=answer)
        expect(told.last).to_be_visible(timeout=20_000)
    say(chat, "còn hồ sơ đất H20.27-261015-0003 tới đâu rồi")
    heard(chat, "mã hồ sơ một cửa")
    erased(ward, chat, desk, pictures, width)


def erased(ward: Ward, chat: Page, desk: Page, pictures: Path, width: int) -> None:
    """Dialogue 11: asked, confirmed in words, carried out by the official, told."""
    say(chat, "xoa het du lieu cua toi")
    heard(chat, "gõ ĐỒNG Ý XÓA")
    say(chat, "ĐỒNG Ý XÓA")
    code = code_told(chat, "XD")
    desk.goto(f"{ward.base_url}/console/phieu/{code}")
    desk.get_by_role("button", name="Nhận việc").click()
    expect(desk.get_by_text("Xóa dữ liệu của người này")).to_be_visible()
    fine(desk)
    shot(desk, pictures, "erase", width)
    desk.get_by_label("Đã xác nhận với người dân.").check()
    desk.get_by_role("button", name="Xóa dữ liệu").click()
    expect(desk.get_by_text("Đã xóa dữ liệu")).to_be_visible()
    heard(chat, "hường xóa tin nhắn, tên")


def press(chat: Page, title: str) -> None:
    chat.get_by_test_id("button-choice").filter(has_text=title).last.click()


_NAMES = {"": "today", "/phieu?tab=mine": "mine", "/can-goi": "calls", "/cau-chua-tra-loi": "questions",
          "/phieu-csv": "csv", "/tin-kin": "sealed", "/hen-tiep-dan": "reception"}  # fmt: skip
_ANSWERS = ("photo", "45 đường Hoa Sen, gần chợ", "khóm", "detail", "send")


def _answer_next(chat: Page, words: str, picture: Path) -> None:
    """Answer the question that is open, as a citizen with buttons does."""
    choices = chat.get_by_test_id("button-choice")
    seen = chat.get_by_test_id("bubble-out").count()
    expect(choices.last).to_be_visible()
    if words == "photo":
        chat.get_by_test_id("pick-image").first.set_input_files(picture)
    elif words == "khóm":
        choices.filter(has_text=re.compile("Khóm|không rõ")).last.click()
    elif words == "detail":
        say(chat, "3 bữa nay, hôm qua có người té xe")
    elif words == "send":
        choices.filter(has_text="Gửi, có tên").last.click()
    else:
        say(chat, words)
    expect(chat.get_by_test_id("bubble-out")).not_to_have_count(seen, timeout=20_000)
    _settled(chat)


def _settled(chat: Page) -> None:
    """The whole answer is there: for half a second no further message came."""
    before, quiet = -1, 0
    while quiet < 5:
        chat.wait_for_timeout(100)
        now = chat.get_by_test_id("bubble-out").count()
        before, quiet = now, quiet + 1 if now == before else 0


def _wait_for(desk: Page, words: str) -> None:
    """The page is looked at again until it says so."""
    for _ in range(15):
        desk.reload()
        if desk.get_by_text(words).count():
            return
        desk.wait_for_timeout(2_000)
    expect(desk.get_by_text(words).first).to_be_visible()
