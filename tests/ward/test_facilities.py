"""The register of facilities: accounts, consents, files from outside, papers and their reminders."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import Engine, func, select

from store.engine import read_tx, write_tx
from store.schema import facilities as table
from store.schema import facility_dates as dates_table
from store.schema import facility_people
from store.secrets import SecretBox
from ward import facilities, facility_dates
from ward.calendar import VIET_NAM
from ward.cases.exchange import ImportRefused
from ward.duties import all_duties, duties_of
from ward.facilities import KINDS, FacilityRefused, NewFacility, Wanted, Who
from ward.facility_files import export_csv, import_csv, kind_said

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=VIET_NAM)
BOX = SecretBox("a key for the tests only", "facilities")
DENTIST = NewFacility("Nha khoa Ánh Dương", "nha_khoa", who=Who(name="BS Dương", phone="0912345678"))
PHARMACY = NewFacility("Nhà thuốc Minh Tâm", "nha_thuoc", khom="Khóm 1")


def sign_up(engine: Engine, person: str, new: NewFacility = DENTIST) -> tuple[int, str]:
    with write_tx(engine) as connection:
        return facilities.sign_up(connection, "oa", person, new, BOX, NOW)


def take_in(engine: Engine, text: str | bytes) -> object:
    data = text if isinstance(text, bytes) else text.encode()
    with write_tx(engine) as connection:
        return import_csv(connection, "oa", data, BOX, NOW)


def count_of(engine: Engine) -> int:
    with read_tx(engine) as connection:
        return facilities.count(connection, "oa")


def test_a_second_account_of_a_facility_waits_for_an_official(engine: Engine) -> None:
    first, joined = sign_up(engine, "p1")
    assert joined == "confirmed"
    assert sign_up(engine, "p2", NewFacility("  NHA KHOA  anh duong ", "nha_khoa")) == (first, "asked")
    with write_tx(engine) as connection:
        facilities.want_news(connection, "oa", "p2", True, NOW)
        assert facilities.hearers(connection, "oa") == []
        facilities.decide_join(connection, "oa", first, "p2", True, NOW)
        assert facilities.hearers(connection, "oa") == [("p2", first)]
        assert [one.state for one in facilities.accounts(connection, "oa", first)] == ["confirmed"] * 2
    assert count_of(engine) == 1


def test_a_refused_account_is_gone(engine: Engine) -> None:
    first, _ = sign_up(engine, "p1")
    sign_up(engine, "p2")
    with write_tx(engine) as connection:
        facilities.decide_join(connection, "oa", first, "p2", False, NOW)
        assert facilities.of_person(connection, "oa", "p2") is None


def test_one_account_speaks_for_one_facility(engine: Engine) -> None:
    first, _ = sign_up(engine, "p1")
    assert sign_up(engine, "p1", PHARMACY) == (first, "elsewhere")
    assert count_of(engine) == 1
    assert sign_up(engine, "p1") == (first, "confirmed")


def test_consent_taken_back(engine: Engine) -> None:
    first, _ = sign_up(engine, "p1")
    with write_tx(engine) as connection:
        facility_dates.keep(connection, "oa", first, "gphn", "1", None, date(2027, 6, 1), NOW)
        assert facilities.want_news(connection, "oa", "p1", True, NOW)
        assert not facilities.want_news(connection, "oa", "p1", True, NOW)
        assert facilities.hearers(connection, "oa", ["nha_khoa"]) == [("p1", first)]
        assert facilities.hearers(connection, "oa", ["nha_thuoc"]) == []
        assert facilities.want_news(connection, "oa", "p1", False, NOW)
        assert facilities.hearers(connection, "oa") == []
        assert facilities.leave(connection, "oa", "p1", NOW) == first
        assert facilities.leave(connection, "oa", "p1", NOW) is None
    with read_tx(engine) as connection:
        for each in (table, dates_table, facility_people):
            assert connection.execute(select(func.count()).select_from(each)).scalar_one() == 0


def test_what_an_official_wrote_stays_when_an_account_leaves(engine: Engine) -> None:
    with write_tx(engine) as connection:
        number = facilities.register(connection, "oa", PHARMACY, "staff", BOX, NOW)
    sign_up(engine, "p1", PHARMACY)
    with write_tx(engine) as connection:
        assert facilities.leave(connection, "oa", "p1", NOW) == number
        assert facilities.find(connection, "oa", number) is not None


def test_who_is_responsible_lies_sealed(engine: Engine) -> None:
    first, _ = sign_up(engine, "p1")
    with read_tx(engine) as connection:
        facility = facilities.find(connection, "oa", first)
    assert facility is not None
    assert facility.sealed is not None
    assert b"0912345678" not in facility.sealed
    assert facilities.who_of(facility, BOX).phone == "0912345678"


def test_two_officials_at_once(engine: Engine) -> None:
    first, _ = sign_up(engine, "p1")
    with write_tx(engine) as connection:
        facilities.change(connection, "oa", first, 0, PHARMACY, True, BOX, NOW)
    with write_tx(engine) as connection, pytest.raises(FacilityRefused, match="vừa sửa"):
        facilities.change(connection, "oa", first, 0, DENTIST, True, BOX, NOW)


HEAD = "Tên cơ sở;Loại hình;Khóm;Người phụ trách;Điện thoại;Loại giấy;Số giấy;Ngày cấp;Ngày hết hạn\n"


def test_a_file_comes_in_and_goes_out(engine: Engine) -> None:
    good = "Nha khoa Ánh Dương;RHM;Khóm 2;BS Dương;0912345678;GPHN;123/ĐT;1/2/2023;01/02/2028\n"
    report = take_in(engine, HEAD + good + "Nhà thuốc A;nhà thuốc\n")
    assert report.added == ("Nha khoa Ánh Dương", "Nhà thuốc A")  # type: ignore[attr-defined]
    with read_tx(engine) as connection:
        out = export_csv(connection, "oa", Wanted(), BOX)
        soon = facilities.listing(connection, "oa", Wanted(expires_before=date(2028, 3, 1)))
    assert [one.name for one in soon] == ["Nha khoa Ánh Dương"]
    assert "Nha khoa Ánh Dương,Nha khoa (răng hàm mặt),Khóm 2,,BS Dương,0912345678" in out.decode()
    again = take_in(engine, out)
    assert again.added == ()  # type: ignore[attr-defined]
    assert len(again.known) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("=HYPERLINK(1);nhà thuốc", "công thức"),
        ("Nhà thuốc @A;nhà thuốc;@SUM(A1)", "công thức"),
        ("Nhà thuốc A;tàu vũ trụ", "Loại hình: chưa rõ"),
        (";nhà thuốc", "Tên cơ sở: còn trống"),
        ("Nhà thuốc A;nhà thuốc;;;;GPP;1;;31/2/2027", "ghi ngày như"),
        ("Nhà thuốc A;nhà thuốc;;;;GPP;1;1/2/2027;1/2/2026", "phải sau ngày cấp"),
        ("Nhà thuốc \x00A;nhà thuốc", "ký tự lạ"),
        ("x" * 300 + ";nhà thuốc", "dài quá"),
    ],
)
def test_a_bad_line_is_named_and_keeps_no_good_one_out(engine: Engine, line: str, reason: str) -> None:
    report = take_in(engine, f"{HEAD}{line}\nNhà thuốc Tốt;nhà thuốc\nNhà thuốc tot;quầy thuốc\n")
    assert report.added == ("Nhà thuốc Tốt",)  # type: ignore[attr-defined]
    first, double = report.bad  # type: ignore[attr-defined]
    assert first.line == 2
    assert reason in first.reason
    assert double.reason == "trùng tên và loại hình với dòng 3"
    assert count_of(engine) == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "tiêu đề"),
        ("Tên cơ sở;Khóm\n".encode(), "Loại hình"),
        ("Tên cơ sở;Loại hình\nNhà thuốc Ước;nhà thuốc\n".encode("utf-16-be"), "UTF-8"),
        ("Tên cơ sở\n".encode("cp1258", "replace") + b"\x81\xfe", "UTF-8"),
        (HEAD.encode() + b"x" * 5_000_001, "5 MB"),
        ((HEAD + "Nhà thuốc A;nhà thuốc\n" * 5_001).encode(), "5000 dòng"),
    ],
    ids=["empty", "column", "wide", "encoding", "huge", "many"],
)
def test_a_file_that_cannot_be_read_says_the_mend(engine: Engine, data: bytes, reason: str) -> None:
    with pytest.raises(ImportRefused, match=reason):
        take_in(engine, data)
    assert count_of(engine) == 0


def test_one_endless_line_is_one_bad_line(engine: Engine) -> None:
    report = take_in(engine, f"{HEAD}Nhà thuốc B;nhà thuốc\n{'y' * 4_000_000}\nNhà thuốc C;nhà thuốc\n")
    assert report.added == ("Nhà thuốc B", "Nhà thuốc C")  # type: ignore[attr-defined]
    assert [one.line for one in report.bad] == [3]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("phòng khám RHM", "nha_khoa"),
        ("PK chuyên khoa sản", "phong_kham_chuyen_khoa"),
        ("nhà thuốc GPP", "nha_thuoc"),
        ("spa chăm sóc da", "tham_my"),
        ("phòng chẩn trị YHCT", "yhct"),
        ("tiệm hủ tiếu", None),
    ],
)
def test_types_as_people_name_them(words: str, kind: str | None) -> None:
    assert kind_said(words) == kind


def test_every_type_has_duties_and_only_known_entries() -> None:
    for kind in KINDS:
        assert duties_of(kind)
    for duty in all_duties().duties.values():
        assert set(duty.kinds) <= set(KINDS)
