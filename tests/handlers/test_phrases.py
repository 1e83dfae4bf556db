"""The phrase files: loading, filling, and the house tone of every phrase."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from handlers import emergency
from handlers.bookings import BOOKABLE
from handlers.home import TIMED
from handlers.layout import LINES, height
from handlers.phrases import PhraseError, Phrases, load_phrases, placeholders
from handlers.visit_words import BUTTONS as REMINDERS
from knowledge.facets import Facet
from knowledge.reports import topics
from knowledge.schema import FIELDS, Authority, Channel, FeeBasis, TimeUnit
from knowledge.words import lexicon
from tests.handlers.world import phrases
from ward.cases.model import STATES, URGENCIES
from ward.cases.tracking import READABLE
from ward.results import WAYS

HANDLERS = Path(__file__).parents[2] / "handlers"
TYPICAL: dict[str, str | int | None] = {
    "ward": "phường Sa Đéc",
    "authority": "UBND phường Sa Đéc",
    "name": "làm giấy khai sinh cho bé",
    "body": "Công an phường, xã",
    "code": "HD-2611-0007-6",
    "asked": "PA-2611-0042-7",
    "when": "15h30 thứ Hai 23/11",
    "opening": "7h thứ Hai 23/11",
    "place": "Phòng tiếp công dân, số 00 đường Mẫu",
    "address": "số 00 đường Mẫu",
    "weekday": "thứ Năm",
    "hours": "7h–11h30, 13h–17h",
    "phone": "0277 000 0000",
    "number": "0277 000 0000",
    "purpose": "Tổng đài phường",
    "field": "tư pháp – hộ tịch",
    "day": "28/02/2027",
    "time": "5 ngày làm việc",
    "amount": 5,
    "n": 1,
    "oa": "Phường Sa Đéc",
    "police": "Công an phường",
    "target": "https://dichvucong.gov.vn",
    "level": "xã, tỉnh",
    "at": "26/11 08:12",
    "due": "15h hôm nay",
    "into": "PA-2611-0042-7",
    "title": "cán bộ tư pháp – hộ tịch",
    "urgency": "bình thường",
    "khom": "Khóm 3",
    "photos": 4,
    "names": "Khóm 1, Khóm 2, Khóm 3, Khóm 4",
    "words": "cống bể, nước hôi quá trời, bà con đi qua ai cũng bịt mũi",
    "detail": "3 bữa nay, hôm qua có người té xe",
    "about": "cống bể, nước hôi quá trời",
    "clock": "15h30",
    "called": "chị Tám",
    "who": "chị",
    "who_first": "Chị",
    "slot": "9h–9h30",
    "hour": "9h",
    "starts": "7h30",
    "near": "mai",
    "days": 3,
    "old_day": "05/12",
    "reason": "mưa bão",
    "papers": "giấy chứng sinh bản chính, căn cước hoặc hộ chiếu còn hạn của người đi khai",
    "topics": "khai sinh, khai tử, kết hôn",
    "counter": "Trung tâm Phục vụ hành chính công phường Mẫu",
    "waits_as": 2,
    "dossier": "H20.27-261127-0003",
    "tail": "123",
    "firm": "Tiệm bánh Hai Sen",
    "where": "Hội trường UBND phường, số 00 đường Mẫu",
    "open": 2,
    "most": 10,
    "text": "đã thay nắp cống chiều nay, bà con đi lại được rồi",
}
TEXT = "giấy chứng sinh, căn cước của người đi làm"
FRAGMENTS = (
    "answer.", "authority.", "body.", "buttons.", "channel.", "facts.", "field.", "units.",
    "bundle.within", "bundle.together", "bundle.body", "bundle.online", "bundle.visit", "bundle.khom",
    "bundle.home", "bundle.both", "bundle.pick", "bundle.changed", "bundle.law_changed", "choose.changed",
    "choose.both_more",
    "guide.papers", "guide.no_papers", "guide.time", "guide.fee", "guide.aside",
    "command.ward_hours", "command.ward_phone", "command.closed_now", "complaint.reception",
    "complaint.above", "greeting.hello", "hand_over.about", "hand_over.ticket", "hand_over.closed",
    "hotlines.line", "notice.item", "notice.more", "notice.past", "notice.subject", "notice.digest_end",
    "case.only_photo", "visit.topic_line", "visit.bring", "visit.together", "visit.returns",
    "visit.offer_too", "visit.guests_line", "visit.photos_line",
    "visit.check_both_ask", "visit.check_cases_ask",
    "booking.ceremony", "booking.same_day", "booking.coffee",
    "visit_told.today", "visit_told.tomorrow", "coffee.where_", "coffee.news",
    "booking.menu_line", "booking.mobile", "booking.land", "booking.reception", "booking.home_",
    "reminder.today", "reminder.tomorrow", "reminder.other_day", "reminder.morning_half",
    "reminder.afternoon_half", "reminder.mail_subject",
    "home.weekly", "home.work_days",
    "home.group_line", "home.group_none", "home.slot_line", "home.slot", "home.waits", "home.fixed",
    "home.offered", "home.asks_person",
    "report.khom_list", "report.photos_too", "report.pinned", "report.aside",
    "special.today", "special.is_day", "special.until", "special.after", "special.by_law", "special.no_hour",
    "special.bring", "special.normal", "special.which", "special.next_day", "special.nearest",
    "special.list_missing_too",
    "special.more", "special.duty_r", "special.duty_s", "special.duty_h", "special.duty_t", "special.instead",
    "result.ask",
    "tracking.step", "tracking.urgency", "tracking.now", "said.answer_end", "said.told_end",
    "said.asked_end", "said.closed_end", "imported.where", "imported.unsaid", "imported.link",
)  # fmt: skip
"""Phrases that never open a message by themselves."""
ALL = [(key, text) for key, variants in phrases().texts.items() for text in variants]
CAPITALS = {
    "MENU",
    "OTP",
    "OA",
    "UBND",
    "HĐND",
    "HD",
    "PA",
    "DVCQG",
    "TIẾP",
    "TỤC",
    "LD",
    "DỜI",
    "BẬN",
    "ĐỒNG",
    "XÓA",
    "HỦY",
    "TN",
    "DỪNG",
}


def filled(text: str) -> str:
    values = {name: TYPICAL.get(name, TEXT) for name in placeholders(text)}
    return Phrases({"x.y": (text,)}).say("x.y", **values)


@pytest.mark.parametrize(("key", "text"), ALL)
def test_fits_a_phone(key: str, text: str) -> None:
    if not key.startswith(FRAGMENTS):
        assert height(filled(text)) <= LINES - 1, "one line is kept for the greeting"


@pytest.mark.parametrize(("key", "text"), ALL)
def test_house_tone(key: str, text: str) -> None:
    said = filled(text)
    words = re.findall(r"\w+", said.lower())
    assert not {"ổng", "bả", "hổng", "xài", "hông", "thằng", "mày", "tao"} & set(words)
    assert "nghe hôn" not in said
    assert said.count("🙂") <= 1
    assert not re.search(
        r"(?i)lỗi (của|do) (mình|anh|chị)|không chịu|phải biết|đã nói rồi|sai quy định", said
    )
    capitals = {word for word in re.findall(r"\b[^\W\d_]{2,}\b", said) if word.isupper()}
    assert capitals <= CAPITALS, capitals - CAPITALS
    assert "**" not in said


@pytest.mark.parametrize(("key", "text"), [item for item in ALL if not item[0].startswith(FRAGMENTS)])
def test_messages_open_politely(key: str, text: str) -> None:
    assert re.match(r"Dạ\b|Em xin|🚨|Đã gửi ✅", filled(text)), text


@pytest.mark.parametrize(("key", "text"), [item for item in ALL if item[0].startswith("buttons.")])
def test_buttons_are_short(key: str, text: str) -> None:
    assert len(filled(text.replace("{number}", "114"))) <= 20


@pytest.mark.parametrize("way", ["khieu_nai", "to_cao"])
def test_complaint_guidance_fits_with_the_place(way: str) -> None:
    joined = (
        filled(phrases().texts[f"complaint.{way}"][0])
        + "\n"
        + filled(phrases().texts["complaint.reception"][0])
    )
    assert len(joined.split("\n")) <= LINES


# --- every key used exists, and every key that exists is used


def code_strings() -> tuple[set[str], set[str]]:
    """String constants of the handlers, and the fixed beginnings of their f-strings."""
    constants, beginnings = set(), set()
    for path in HANDLERS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                beginnings.add(str(node.values[0].value))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
    return constants, beginnings


CONSTANTS, BEGINNINGS = code_strings()
BODIES = {topic["who"] for topic in lexicon("authorities")["topics"].values()} | {"khac"}
DYNAMIC: dict[str, set[str]] = {
    "facility.": {"broadcast", "expiring"},  # said by bot/health_news.py
    "units.": set(get_args(TimeUnit)),
    "channel.": set(get_args(Channel)),
    "authority.": set(get_args(Authority)),
    "facts.fee_": set(get_args(FeeBasis)) - {"fixed"},
    "intro.": set(get_args(Facet)) - {"tong_quan", "other"},
    "intro_more.": set(get_args(Facet)) - {"tong_quan", "other"},
    "unknown.": set(get_args(Facet)) - {"tong_quan", "other"},
    "field.": {key.split(".")[1] for key in phrases().texts if key.startswith("field.")} & set(FIELDS),
    "body.": BODIES,
    "emergency.": set(emergency.KINDS),
    "complaint.": {"khieu_nai", "to_cao"},
    "special.": {key.split(".")[1] for key in phrases().texts if key.startswith("special.")} & CONSTANTS,
    "special.duty_": {"receives", "signs", "helps", "team"},
    "report.ack_": set(topics()),
    "report.detail_": set(topics()),
    "privacy.": {"erase", "other", "stop"},
    "tracking.": {"not_found", "too_many"},
    "tracking.step_": set(READABLE),
    "tracking.now_": set(STATES),
    "tracking.urgency_": set(URGENCIES),
    "case.rated_": {"good", "fair"},
    "buttons.home_": set(TIMED),
    "buttons.result_": {"zalo", "sms", "no", "drop"},
    "result.kept_": set(WAYS),
    "reminder.": {key.split(".")[1] for key in phrases().texts if key.startswith("reminder.")},
    "visit_told.": {
        *REMINDERS,
        "moved_waiting",
        "t3_ceremony",
        "t3_same_day",
        *(f"{kind}_coffee" for kind in REMINDERS if kind != "cancelled"),
    },
    "booking.": {one.name for one in BOOKABLE},
    "buttons.book_": {one.name for one in BOOKABLE},
    "bundle.": {"head", "head_mourning", "head_condolence"},
    "buttons.": {key.split(".")[1] for key in phrases().texts if key.startswith("buttons.")} & CONSTANTS,
}
MADE = {prefix + name for prefix, names in DYNAMIC.items() for name in names}
FILES = {key.split(".")[0] for key in phrases().texts}


def test_every_key_used_exists() -> None:
    named = {text for text in CONSTANTS if re.fullmatch(r"[a-z_]+\.[a-z_0-9]*[a-z0-9]", text)}
    used = {key for key in named if key.split(".")[0] in FILES}
    assert used | MADE <= set(phrases().texts)


def test_every_key_is_used() -> None:
    unused = set(phrases().texts) - CONSTANTS - MADE
    assert not unused


def test_every_made_key_is_listed_here() -> None:
    made = {text for text in BEGINNINGS if re.fullmatch(r"[a-z_]+\.[a-z_]*", text)}
    assert made <= set(DYNAMIC)


# --- loading and filling


def own(folder: Path, text: str, name: str = "greeting.yaml") -> Path:
    (folder / "phrases").mkdir(exist_ok=True)
    (folder / "phrases" / name).write_text(text, "utf-8")
    return folder


def test_a_ward_rewords(tmp_path: Path) -> None:
    reworded = load_phrases(own(tmp_path, 'first: "Dạ chào bà con, trợ lý tự động của {ward} nghe đây."'))
    assert (
        reworded.say("greeting.first", ward="phường X")
        == "Dạ chào bà con, trợ lý tự động của phường X nghe đây."
    )
    assert reworded.say("choose.which") == phrases().say("choose.which")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("first: Dạ chào", "greeting.first: thiếu {ward}"),
        ('first: "Dạ {ward} {ten}"', "không có giá trị tên {ten}"),
        ("chao_hoi: Dạ", "không có câu nào tên greeting.chao_hoi"),
        ('first: "Dạ {ward"', "dấu { } chưa đúng"),
        ('first: "Dạ {} {ward}"', "dấu { } chưa đúng"),
        ('first: "{ward.__class__}"', "dấu { } chưa đúng"),
        ("first: ''", "không được để trống"),
        ("first: [5]", "phải là chữ"),
        ("- Dạ", "mỗi câu viết"),
        ("first: 'Dạ", "không đọc được"),
    ],
)
def test_wrong_rewordings_are_refused(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(PhraseError) as error:
        load_phrases(own(tmp_path, text))
    assert expected in str(error.value)


def test_a_folder_without_phrases_changes_nothing(tmp_path: Path) -> None:
    assert load_phrases(tmp_path).texts == phrases().texts


def test_variants_are_chosen_by_the_turn() -> None:
    say = Phrases({"a.b": ("một", "hai")})
    assert [say.for_turn(number).say("a.b") for number in (0, 1, 2, 0)] == ["một", "hai", "một", "một"]


def test_what_is_unknown_is_left_out() -> None:
    say = Phrases({"a.b": ("Dạ ở {place} · ☎ {phone}\nGiờ: {hours}\nXong",)})
    assert say.say("a.b", place="đây", phone=None, hours=None) == "Dạ ở đây\nXong"
    assert say.say("a.b", place="đây", phone="113", hours="7h") == "Dạ ở đây · ☎ 113\nGiờ: 7h\nXong"


def test_unknown_key_and_missing_value_are_errors() -> None:
    say = Phrases({"a.b": ("Dạ {x}",)})
    with pytest.raises(PhraseError, match="no phrase"):
        say.say("a.c")
    with pytest.raises(PhraseError, match="no value for x"):
        say.say("a.b")


def test_values_are_never_read_as_placeholders() -> None:
    assert Phrases({"a.b": ("Dạ {x}",)}).say("a.b", x="{y} {0}") == "Dạ {y} {0}"
