"""CSV: out, safe for a spreadsheet; in, from files as they come, bad lines named and good ones kept."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from store.engine import read_tx
from store.schema import cases
from tests.ward.cases.desk import CALENDAR, FRIDAY, LIMITS, Desk
from ward.cases.exchange import (
    HEADINGS,
    LARGEST,
    MOST_LINES,
    BadLine,
    Imported,
    ImportRefused,
    export_csv,
    import_csv,
    safe_cell,
)
from ward.cases.find import EVERYTHING, Scope
from ward.cases.work import official

HEAD = "Mã phản ánh,Nội dung,Lĩnh vực,Khóm,Địa chỉ,Điện thoại\n"
GOOD = "TD-001,Đèn đường hư ba đêm,Xây dựng,Khóm 3,Số 1 đường Mẫu,0900000123\n"


def bring(desk: Desk, text: str | bytes, **more: Any) -> Imported:
    data = text.encode() if isinstance(text, str) else text
    found: Imported = desk.do(import_csv, data, "1022", official(1), FRIDAY, CALENDAR, LIMITS, **more)
    return found


def rows_out(desk: Desk, scope: Scope = EVERYTHING) -> list[list[str]]:
    day = timedelta(days=1)
    data: bytes = desk.look(export_csv, scope, FRIDAY - day, FRIDAY + day)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def stored(desk: Desk) -> list[Any]:
    with read_tx(desk.engine) as connection:
        return list(connection.execute(select(cases).order_by(cases.c.id)))


# ── out ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_goes_out_in_words_officials_know(desk: Desk) -> None:
    desk.open("report", field="xay_dung", question='Đèn hư, "ba đêm"\nnay', address="Số 1", urgency="urgent")
    heading, row = rows_out(desk)
    assert tuple(heading) == HEADINGS
    assert row[1:6] == ["Phản ánh, kiến nghị", "Xây dựng", "Khẩn", "Chưa nhận", "Zalo"]
    assert row[8:11] == ["Số 1", 'Đèn hư, "ba đêm"\nnay', "20/11/2026 09:00"]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+84900", "-2", "@SUM(A1)", "\tx", "\r=1", "  =HYPERLINK(1)", '=cmd|"/C calc"!A0']
)
def test_no_cell_is_a_formula(desk: Desk, cell: str) -> None:
    desk.open(question=cell, address=cell)
    _, row = rows_out(desk)
    assert row[9].startswith("'")
    assert row[8].startswith("'")
    assert safe_cell("Đèn = hư") == "Đèn = hư"


def test_what_only_the_head_sees_never_goes_out(desk: Desk) -> None:
    desk.open("conduct", question="cán bộ Tèo nạt dân")
    desk.open(field="ho_tich")
    desk.open(field="y_te")
    assert len(rows_out(desk)) == 3
    assert "Tèo" not in str(rows_out(desk))
    assert len(rows_out(desk, Scope(fields=frozenset({"y_te"})))) == 2


def test_no_phone_and_no_place_on_the_map_goes_out(desk: Desk) -> None:
    desk.open("report", phone_tail="9876", contact=b"sealed", latitude=10.123456, longitude=105.654321)
    told = str(rows_out(desk))
    assert not [secret for secret in ("9876", "sealed", "10.1234", "105.6543", "p1") if secret in told]


# ── in ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_becomes_a_case(desk: Desk) -> None:
    found = bring(desk, HEAD + GOOD, seal=lambda phone: b"sealed " + phone.encode())
    assert (found.bad, found.known, found.left_aside) == ((), (), ())
    (case,) = stored(desk)
    assert found.opened == (case.code,)
    assert (case.kind, case.channel, case.outside_code, case.person_id) == ("report", "1022", "TD-001", "")
    assert (case.field, case.khom, case.address) == ("xay_dung", "Khóm 3", "Số 1 đường Mẫu")
    assert (case.contact, case.phone_tail) == (b"sealed 0900000123", "0123")
    assert desk.events(case.id) == ["opened"]


@pytest.mark.parametrize(
    "data",
    [
        ("\ufeff" + HEAD + GOOD).encode(),
        (HEAD + GOOD).replace("\n", "\r\n").encode(),
        (HEAD + GOOD).replace(",", ";").encode(),
        (HEAD + GOOD).replace(",", "\t").encode("utf-16"),
        (HEAD.upper() + GOOD).encode(),
        ("ma phan anh,NOI DUNG\nTD-001,Đèn đường hư\n\n\n").encode(),
    ],
)
def test_files_as_spreadsheets_save_them(desk: Desk, data: bytes) -> None:
    assert len(bring(desk, data).opened) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ((HEAD + GOOD).encode("utf-16-le"), "thiếu cột|CSV UTF-8"),
        ("Mã phản ánh,Nội dung\nTD-1,Đèn hư\n".encode("cp1258", "ignore"), "CSV UTF-8|thiếu cột"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "CSV UTF-8"),
        (b"\xff\xfe\x00", "CSV UTF-8"),
        (b"", "tiêu đề"),
        (b"\n\n", "tiêu đề"),
        ("Nội dung\nĐèn hư\n".encode(), "thiếu cột: Mã ngoài"),
        (b"a" * (LARGEST + 1), "5 MB"),
        ((HEAD + GOOD * (MOST_LINES + 1)).encode(), "chia nhỏ"),
    ],
)
def test_a_file_that_cannot_be_read_says_the_mend(desk: Desk, data: bytes, words: str) -> None:
    with pytest.raises(ImportRefused, match=words):
        bring(desk, data)
    assert stored(desk) == []


def test_bad_lines_are_named_and_keep_no_good_one_out(desk: Desk) -> None:
    text = HEAD + GOOD
    text += ",Không có mã,,,,\n"  # 3
    text += "TD-003,,,,,\n"  # 4
    text += "TD-004,Đèn\x00hư rồi,,,,\n"  # 5
    text += "TD-001,Lần nữa cũng mã đó,,,,\n"  # 6
    text += f"TD-007,{'a' * 200_000},,,,\n"  # 7: longer than the reader takes
    text += f"TD-008,{'b' * 5_000},,,,\n"  # 8
    text += "TD-009,Cống nghẹt,Chuyện lạ,,,12\n"  # 9
    text += "TD-010\n"  # 10
    found = bring(desk, text)
    assert len(found.opened) == 2
    assert [item.line for item in found.bad] == [3, 4, 5, 6, 7, 8, 10]
    reasons = {item.line: item.reason for item in found.bad}
    assert "Mã ngoài: trống" in reasons[3]
    assert "Nội dung: trống" in reasons[4]
    assert "ký tự lạ" in reasons[5]
    assert BadLine(6, "trùng mã với dòng 2") in found.bad
    assert "dài quá" in reasons[7]
    assert reasons[8] == "Nội dung: dài quá"
    assert reasons[10] == "Nội dung: còn trống"
    odd = stored(desk)[1]
    assert (odd.field, odd.context, odd.phone_tail) == (None, {"outside_field": "Chuyện lạ"}, None)


def test_the_same_file_again_opens_nothing(desk: Desk) -> None:
    bring(desk, HEAD + GOOD)
    again = bring(desk, HEAD + GOOD + "TD-002,Rác chất đống,,,,\n")
    assert (len(again.opened), again.known) == (1, ("TD-001",))
    assert len(stored(desk)) == 2


def test_columns_nobody_reads_are_named(desk: Desk) -> None:
    found = bring(desk, "Mã,Nội dung,Người nhận\nTD-1,Đèn đường hư,anh Ba\n")
    assert (len(found.opened), found.left_aside) == (1, ("Người nhận",))


def test_what_came_in_goes_out_safely(desk: Desk) -> None:
    bring(desk, "Mã,Nội dung\n=1+1,\"=cmd|'/C calc'!A0\"\n")
    _, row = rows_out(desk)
    assert (row[6], row[9]) == ("'=1+1", "'=cmd|'/C calc'!A0")
