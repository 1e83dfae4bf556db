"""The pages of programmes over real requests."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from console.programme_parts import SESSION_FIELDS
from store.engine import read_tx, write_tx
from tests.bot.support import OA, MovableClock
from tests.console.support import ROLE_OFFICIALS, Desk, add_official, console_of
from tests.handlers.world import SAMPLE, library, profile
from ward import audit
from ward.calendar import load_calendar
from ward.programmes import todo
from ward.programmes.ending import remind
from ward.programmes.lists import procedures_of
from ward.programmes.load import load_files, programmes_of
from ward.programmes.model import Sessions

FILES = load_files(SAMPLE)
FRIDAY = "th_thu_sau_khong_cho"
PATH = f"/mo-hinh/{FRIDAY}"


@pytest.fixture
def desk(sqlite_engine: Engine) -> Desk:
    clock = MovableClock(datetime(2026, 11, 27, 7, 50, tzinfo=UTC))
    add_official(sqlite_engine, "user.head", ROLE_OFFICIALS["head"], clock())
    made = Desk(console_of(sqlite_engine, clock, library=library))
    assert made.sign_in("user.head").status_code == 302
    return made


def text_of(desk: Desk, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def csv_of(count: int) -> bytes:
    entries = [entry for entry in library().entries() if entry.code and entry.kind == "procedure"][
        : count * 2
    ]
    lines = list(dict.fromkeys(f"{entry.code};{entry.official_name}" for entry in entries))
    codes: dict[str, str] = {line.split(";")[0]: line for line in lines}
    return ("Mã thủ tục;Tên thủ tục\n" + "\n".join(list(codes.values())[:count])).encode()


def upload(desk: Desk, data: bytes) -> tuple[int, str]:
    token = re.search(r'name="csrf_token" value="([^"]+)"', text_of(desk, PATH))
    assert token is not None
    form = {"csrf_token": token[1], "file": (io.BytesIO(data), "danh-muc.csv")}
    answer = desk.client.post(f"/console{PATH}/danh-muc", data=form)
    return answer.status_code, answer.get_data(as_text=True)


def test_what_runs_what_is_over_and_what_ends_soon(desk: Desk) -> None:
    page = text_of(desk, "/mo-hinh")
    running, over = page.split("Đã kết thúc")
    assert "Ngày thứ Sáu không chờ" in running
    assert "Chứng thực chữ ký tại nhà ngày thứ Năm" in over
    assert "Sắp hết hạn 31/12/2026" in running
    assert all(f"/mo-hinh/{key}" in page for key in FILES)


def test_every_programme_has_its_page_its_form_and_its_print(desk: Desk) -> None:
    for key, programme in FILES.items():
        for path in (f"/mo-hinh/{key}", f"/mo-hinh/{key}/sua", f"/mo-hinh/{key}/in"):
            assert programme.name in text_of(desk, path), path


def test_a_form_sent_back_unchanged_changes_nothing(desk: Desk, sqlite_engine: Engine) -> None:
    for key in FILES:
        page = text_of(desk, f"/mo-hinh/{key}/sua")
        form = {"reason": "không sửa gì", **fields_of(page)}
        desk.post(f"/mo-hinh/{key}/sua", **form)
    with read_tx(sqlite_engine) as connection:
        assert programmes_of(connection, OA, FILES) == FILES


def fields_of(page: str) -> dict[str, object]:
    """What a browser would send of the form as it stands."""
    main = page[page.index('<main id="main"') :]
    form: dict[str, object] = dict(re.findall(r'<input id="[^"]+" name="(\w+)"[^>]* value="([^"]*)"', main))
    form |= dict(re.findall(r"<textarea[^>]* name=\"(\w+)\"[^>]*>([^<]*)<", main))
    form.pop("reason", None)
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', main)
    form |= {name: value for name, value in hidden if name != "csrf_token"}
    for name, value in re.findall(r'<input type="checkbox" name="(\w+)" value="(\w+)" checked', main):
        already = form.setdefault(name, [])
        assert isinstance(already, list)
        already.append(value)
    return form


def test_an_edit_needs_a_reason_and_is_undone(desk: Desk, sqlite_engine: Engine) -> None:
    form = fields_of(text_of(desk, f"{PATH}/sua")) | {"cut_off": "15:00"}
    assert desk.post(f"{PATH}/sua", **form, reason="").status_code == 400
    assert desk.post(f"{PATH}/sua", **form, reason="quyết định mới").status_code == 302
    page = text_of(desk, PATH)
    assert "quyết định mới" in page
    assert "Bỏ mọi chỗ đã sửa" in page
    bad = desk.post(f"{PATH}/sua", **{**form, "cut_off": "ba giờ"}, reason="quyết định mới")
    assert bad.status_code == 400
    assert "giờ viết như 15:30" in bad.get_data(as_text=True)
    assert desk.post(f"{PATH}/tra-ve", seen=PATH, reason="ghi nhầm").status_code == 302
    with read_tx(sqlite_engine) as connection:
        assert programmes_of(connection, OA, FILES) == FILES


def test_a_list_is_looked_at_then_loaded_and_its_count_is_the_decision_s(
    desk: Desk, sqlite_engine: Engine
) -> None:
    status, page = upload(desk, csv_of(20))
    assert status == 400
    assert "quyết định ghi 21 thủ tục, tệp có 20" in page
    assert "Nạp danh mục này" not in page
    status, page = upload(desk, csv_of(21))
    assert (status, "Nạp danh mục này" in page) == (200, True)
    text = csv_of(21).decode()
    sent = desk.post(f"{PATH}/danh-muc", seen=PATH, text=text, load="yes", reason="phụ lục quyết định")
    assert sent.status_code == 302
    with read_tx(sqlite_engine) as connection:
        assert len(procedures_of(connection, OA, FILES[FRIDAY])) == 21
    assert "phụ lục quyết định" in text_of(desk, PATH)


def test_a_new_programme_without_code(desk: Desk) -> None:
    form = {
        "key": "thu_bay_vi_dan", "kind": "same_day", "name": "Thứ Bảy vì dân", "seed": "SĐ-16",
        "about": "Sáng thứ Bảy phường mở cửa cho người đi làm.", "legal_basis": "Quyết định của phường",
        "weekdays": ["saturday"], "hours": "07:30-11:00", "needs_list": "on", "reason": "quyết định số 12",
    }  # fmt: skip
    assert desk.post("/mo-hinh/them", **form).status_code == 302
    assert "28/11/2026" in text_of(desk, "/mo-hinh/thu_bay_vi_dan")
    again = desk.post("/mo-hinh/them", **form)
    assert again.status_code == 400
    assert "Đã có mô hình" in again.get_data(as_text=True)


def test_duties_and_clashes(desk: Desk) -> None:
    for key in ("sd_13_ket_hon_hai_khong", "sd_14_thu_nam_khong_hen"):
        path = f"/mo-hinh/{key}"
        sent = desk.post(f"{path}/truc", seen=path, day="2026-12-03", role="signs", name="Anh Tư")
        assert sent.status_code == 302
    assert "Trùng người: Anh Tư" in text_of(desk, "/mo-hinh/trung-lich")
    path = "/mo-hinh/sd_14_thu_nam_khong_hen"
    assert desk.post(f"{path}/truc", seen=path, day="", role="signs", name="Anh Tư").status_code == 400
    found = re.search(rf"{path}/truc/(\d+)/bo", text_of(desk, path))
    assert found is not None
    assert desk.post(f"{path}/truc/{found[1]}/bo", seen=path).status_code == 302
    assert "Trùng người" not in text_of(desk, "/mo-hinh/trung-lich")


def test_what_is_to_be_seen_to_is_ticked_off_with_a_note(desk: Desk, sqlite_engine: Engine) -> None:
    at = datetime(2026, 11, 27, 7, 50, tzinfo=UTC)
    calendar = load_calendar(SAMPLE, profile().hours)
    with write_tx(sqlite_engine) as connection:
        remind(connection, OA, FILES, calendar, at)
        count = len(todo.waiting(connection, OA))
    assert "/console/mo-hinh#todo" in text_of(desk, "/")
    assert f"Việc cần lo ({count})" in text_of(desk, "/mo-hinh")
    short = desk.post("/mo-hinh/viec/1", seen="/mo-hinh", note="ok")
    assert short.status_code == 400
    assert 'value="ok"' in short.get_data(as_text=True)
    assert desk.post("/mo-hinh/viec/1", seen="/mo-hinh", note="đã trình kế hoạch mới").status_code == 302
    page = text_of(desk, "/mo-hinh")
    assert f"Việc cần lo ({count - 1})" in page
    assert "đã trình kế hoạch mới" in page
    assert desk.post("/mo-hinh/viec/1", seen="/mo-hinh", note="lần thứ hai").status_code == 400


LAND = "/mo-hinh/sd_10_tu_van_nha_dat/sua"


def test_sessions_topics_and_procedures_are_edited_with_a_reason(desk: Desk, sqlite_engine: Engine) -> None:
    form = fields_of(text_of(desk, LAND))
    count = int(str(form["topics_count"]))
    form |= {"slot_minutes": "20", "per_slot": "4", "trips": "2", "return_within_days": "5"}
    form |= {"team": "Chị Hạnh\nAnh Phúc", "kit": "Bản đồ", "place": "Văn phòng khóm 3"}
    form |= {
        "topic_0_name": "Hỏi quy hoạch",
        "topic_1_drop": "on",
        f"topic_{count - 1}_name": "Hỏi việc khác",
    }
    form |= {"find": "kết hôn", "do": "save", "reason": "tổ tư vấn đề nghị"}
    sought = desk.post(LAND, **form)
    page = sought.get_data(as_text=True)
    assert sought.status_code == 200, "what is in a search box is searched for before anything is saved"
    assert "Văn phòng khóm 3" in page
    assert "Hỏi việc khác" in page
    key = re.findall(r'name="procedures" value="(\w+)"', page)[0]
    again = fields_of(page) | {
        "procedures": [key],
        f"topic_{count - 1}_procedures": [key],
        "topic_1_drop": "on",
    }
    assert desk.post(LAND, **again, do="save", reason="tổ tư vấn đề nghị").status_code == 302
    with read_tx(sqlite_engine) as connection:
        after = programmes_of(connection, OA, FILES)["sd_10_tu_van_nha_dat"]
        lines = audit.lines(connection, OA, audit.Filter(subject="programme:sd_10_tu_van_nha_dat"))
    assert after.sessions is not None
    assert (after.sessions.slot_minutes, after.sessions.per_slot, after.sessions.trips) == (20, 4, 2)
    assert (after.sessions.team, after.sessions.kit) == (("Chị Hạnh", "Anh Phúc"), ("Bản đồ",))
    assert (after.place, after.procedures) == ("Văn phòng khóm 3", (key,))
    assert [topic.key for topic in after.topics][:2] == ["quy_hoach", "sang_ten"]
    assert (after.topics[0].name, after.topics[-1].key) == ("Hỏi quy hoạch", "hoi_viec_khac")
    assert after.topics[-1].procedures == (key,)
    assert {line.detail["field"] for line in lines} == {"place", "sessions", "topics", "procedures"}
    assert {line.reason for line in lines} == {"tổ tư vấn đề nghị"}
    assert "Hỏi quy hoạch" in text_of(desk, "/nhat-ky")
    assert "Chị Hạnh; Anh Phúc" in text_of(desk, "/mo-hinh/sd_10_tu_van_nha_dat")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"capacity": "nhiều"}, "Số chỗ mỗi buổi: phải là số nguyên"),
        ({"slot_minutes": "1"}, "Mỗi khung giờ bao nhiêu phút: phải từ 5 trở lên"),
        ({"trips": "3"}, "Số chuyến: không được quá 2"),
        ({"procedures": ["khong_co_trong_cam_nang"]}, "không có thủ tục mang mã"),
        ({"topic_0_name": "x"}, "Việc nhận làm 1: quá ngắn"),
    ],
)
def test_what_cannot_be_is_said_by_its_field_and_nothing_is_lost(
    desk: Desk, sqlite_engine: Engine, change: dict[str, object], words: str
) -> None:
    form = fields_of(text_of(desk, LAND)) | {"team": "Chị Hạnh", "reason": "tổ tư vấn đề nghị"} | change
    answer = desk.post(LAND, **form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert words in page
    assert "Chị Hạnh" in page
    assert "tổ tư vấn đề nghị" in page
    with read_tx(sqlite_engine) as connection:
        assert programmes_of(connection, OA, FILES) == FILES


def test_a_matter_that_people_wait_for_is_not_removed(desk: Desk) -> None:
    plan = {"programme": "sd_10_tu_van_nha_dat", "first": "2026-12-01", "weeks": "1", "khoms": ["Khóm 1"],
            "place_0": "Nhà văn hóa"}  # fmt: skip
    assert desk.post("/lich-luu-dong/len-lich", **plan).status_code == 302
    caller = {"topic": "cap_so", "name": "Bà Năm", "phone": "0912345999", "consent": "yes"}
    assert desk.post("/lich-luu-dong/1/ghi-ten", "/lich-luu-dong/1", **caller).status_code == 302
    form = fields_of(text_of(desk, LAND)) | {"topic_1_drop": "on"}
    answer = desk.post(LAND, **form, reason="thôi không làm nữa")
    assert answer.status_code == 400
    assert "còn người đã ghi tên" in answer.get_data(as_text=True)


def test_who_usually_goes_is_the_team_of_a_plan_that_names_nobody(desk: Desk) -> None:
    form = fields_of(text_of(desk, LAND)) | {"team": "Chị Hạnh"}
    assert desk.post(LAND, **form, reason="phân công mới").status_code == 302
    plan = {"programme": "sd_10_tu_van_nha_dat", "first": "2026-12-01", "weeks": "1", "khoms": ["Khóm 1"],
            "place_0": "Nhà văn hóa"}  # fmt: skip
    desk.post("/lich-luu-dong/len-lich", **plan)
    assert "Chị Hạnh" in text_of(desk, "/lich-luu-dong/1")


def test_the_form_has_every_part_of_a_session() -> None:
    assert {one.name for one in SESSION_FIELDS} == set(Sessions.model_fields)
