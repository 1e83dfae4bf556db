"""A list of procedures comes from a file, whole or not at all, and its count is the decision's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select

from bot.config import SAMPLE_WARD
from store.engine import read_tx, write_tx
from store.schema import audit
from tests.bot.support import OA
from ward.programmes.lists import (
    Listed,
    ListRead,
    ListRefused,
    is_on,
    list_state,
    procedures_of,
    read_list,
    store_list,
)
from ward.programmes.load import load_files
from ward.programmes.model import Programme

NOW = datetime(2026, 11, 27, 7, 50, tzinfo=UTC)
FRIDAY = load_files(SAMPLE_WARD)["th_thu_sau_khong_cho"]
KEYS = {"2.000635": ("trich_luc_ho_tich",), "1.001193": ("khai_sinh",)}


def keys_of(code: str) -> tuple[str, ...]:
    return KEYS.get(code, ())


def read(text: str) -> ListRead:
    return read_list(text.encode(), keys_of)


def three(programme: Programme = FRIDAY) -> Programme:
    return programme.model_copy(update={"declared_count": 3})


GOOD = """Mã thủ tục;Tên thủ tục;Lĩnh vực;Ghi chú
2.000635;Cấp bản sao trích lục hộ tịch;Hộ tịch;
1.001193;Đăng ký khai sinh;Hộ tịch;

9.999999;Một thủ tục lạ;Khác;x
"""


def test_codes_become_keys_and_unknown_ones_keep_their_name() -> None:
    found = read("\ufeff" + GOOD)
    assert found.listed[0] == Listed(
        "Cấp bản sao trích lục hộ tịch", "2.000635", "Hộ tịch", "trich_luc_ho_tich"
    )
    assert [one.name for one in found.unknown] == ["Một thủ tục lạ"]
    assert found.left_aside == ("Ghi chú",)
    assert not found.bad


@pytest.mark.parametrize(
    ("data", "mend"),
    [
        (b"", "Tệp trống"),
        ("Tên thủ tục\n".encode(), "chưa có thủ tục nào"),
        ("Mã;Cột khác\n1;x\n".encode(), "“Tên thủ tục”"),
        ("Tên thủ tục\nĐăng ký".encode("utf-16"), "CSV UTF-8"),
        ("Tên thủ tục\nĐăng ký".encode("cp1258", "replace"), "CSV UTF-8"),
        (b"PK\x03\x04\x00\x00", "CSV"),
        (b"x" * 1_000_001, "1 MB"),
        ('Tên thủ tục\n"a'.encode() + b"\n" * 3 + b"b" * 140_000, "dấu ngoặc kép"),
    ],
)
def test_a_file_that_cannot_be_read_says_the_mend(data: bytes, mend: str) -> None:
    with pytest.raises(ListRefused, match=mend):
        read_list(data, keys_of)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('1.001193;=HYPERLINK("x")', "công thức"),
        ("@x;Đăng ký khai tử", "công thức"),
        ("1.001193;", "thiếu tên"),
        ("1.001193;" + "a" * 301, "dài quá"),
        ("2.000635;Tên khác", "trùng với dòng 2"),
        ("1.1;a\x07bc", "ký tự lạ"),
    ],
)
def test_a_bad_line_is_named_and_keeps_the_whole_list_out(engine: Engine, line: str, reason: str) -> None:
    found = read(f"Mã;Tên\n2.000635;Trích lục hộ tịch\n{line}\n")
    assert [one.line for one in found.bad] == [3]
    assert reason in found.bad[0].reason
    with write_tx(engine) as connection, pytest.raises(ListRefused, match="dòng 3"):
        store_list(connection, OA, FRIDAY, found, 1, "nạp danh mục", NOW)


def test_another_count_than_declared_is_refused_with_both_numbers(engine: Engine) -> None:
    with write_tx(engine) as connection, pytest.raises(ListRefused, match=r"21 thủ tục, tệp có 3"):
        store_list(connection, OA, FRIDAY, read(GOOD), 1, "nạp danh mục", NOW)
    with read_tx(engine) as connection:
        assert procedures_of(connection, OA, FRIDAY) == ()


def test_a_loaded_list_is_read_back_and_replaced_whole(engine: Engine) -> None:
    assert list_state(FRIDAY, ()) == "not_loaded"
    with write_tx(engine) as connection:
        store_list(connection, OA, three(), read(GOOD), 7, "quyết định số 1", NOW)
        listed = procedures_of(connection, OA, FRIDAY)
        assert [one.key for one in listed] == ["trich_luc_ho_tich", "khai_sinh", None]
        assert list_state(FRIDAY, listed) == "loaded"
        assert is_on(listed, "trich_luc_ho_tich", None)
        assert is_on(listed, "mot_thu_tuc_la", "9.999999")
        assert not is_on(listed, "ket_hon", "1.000894")
        store_list(connection, OA, three(), read(GOOD.replace("khai sinh", "khai sinh lại")), 7, "sửa", NOW)
        assert procedures_of(connection, OA, FRIDAY)[1].name == "Đăng ký khai sinh lại"
        rows = connection.execute(select(audit).where(audit.c.action == "programme_list")).all()
    assert [row.detail for row in rows] == [
        {"before": 0, "count": 3, "unknown": 1},
        {"before": 3, "count": 3, "unknown": 1},
    ]


def test_what_the_file_names_needs_no_loading(engine: Engine) -> None:
    programme = load_files(SAMPLE_WARD)["sd_13_ket_hon_hai_khong"]
    with read_tx(engine) as connection:
        assert [one.key for one in procedures_of(connection, OA, programme)] == ["ket_hon"]
