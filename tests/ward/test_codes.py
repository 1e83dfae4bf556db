from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ward.codes import PREFIXES, Reading, check_digit, find_dossier, make_code, parse_code


def test_shape() -> None:
    assert make_code("HD", 2026, 11, 7) == "HD-2611-0007-6"
    assert make_code("PA", 2026, 11, 42) == "PA-2611-0042-7"
    assert make_code("HD", 2026, 11, 12345).startswith("HD-2611-12345-")


@pytest.mark.parametrize(("prefix", "month", "number"), [("XX", 11, 1), ("HD", 13, 1), ("HD", 11, 0)])
def test_impossible_codes_are_refused(prefix: str, month: int, number: int) -> None:
    with pytest.raises(ValueError, match="no code"):
        make_code(prefix, 2026, month, number)


@pytest.mark.parametrize(
    "typed",
    [
        "HD-2611-0007-6", "hd 2611 0007 6", "hd261100076", "HĐ-2611-0007-6", "hđ 2611.0007.6",
        "HD–2611–0007–6", "HD — 2611 — 0007 — 6", "Hd_2611_0007_6", "tra mã hd 2611 0007 6 giùm em",
        "(HD-2611-0007-6)", "HD-2611-0007-6.", "ＨＤ－２６１１－０００７－６",
    ],
)  # fmt: skip
def test_found_however_typed(typed: str) -> None:
    assert parse_code(typed) == Reading("valid", "HD-2611-0007-6")


def test_wrong_digit_is_told_from_none() -> None:
    assert parse_code("hd 2611 0007 3") == Reading("wrong_digit", "HD-2611-0007-3")


@pytest.mark.parametrize(
    "text",
    ["", "2611 0007 6", "hd 2611", "XYHD-2611-0007-6", "hd 2613 0007 6", "tôi sinh 2611", "0907 123 456"],
)
def test_none(text: str) -> None:
    assert parse_code(text) == Reading("none")


codes = st.builds(
    make_code,
    st.sampled_from(sorted(PREFIXES)),
    st.integers(2020, 2099),
    st.integers(1, 12),
    st.integers(1, 999_999),
)


@given(codes)
def test_every_code_is_read_back(code: str) -> None:
    assert parse_code(code.lower().replace("-", " ")) == Reading("valid", code)


@given(st.text("0123456789", min_size=8, max_size=10), st.data())
def test_one_wrong_digit_is_always_caught(digits: str, data: st.DataObject) -> None:
    where = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != digits[where]]))
    assert check_digit(digits[:where] + other + digits[where + 1 :]) != check_digit(digits)


@given(st.text("0123456789", min_size=8, max_size=10), st.data())
def test_swapped_neighbours_are_always_caught(digits: str, data: st.DataObject) -> None:
    where = data.draw(st.integers(0, len(digits) - 2))
    swapped = digits[:where] + digits[where + 1] + digits[where] + digits[where + 2 :]
    if swapped != digits:
        assert check_digit(swapped) != check_digit(digits)


def test_dossier_codes_are_not_ours() -> None:
    text = "còn hồ sơ đất H20.27-261015-0003 tới đâu rồi"
    assert find_dossier(text) == "H20.27-261015-0003"
    assert parse_code(text) == Reading("none")
    assert find_dossier("h20.27.1 – 261015 – 0003") == "H20.27.1-261015-0003"
    assert find_dossier("HD-2611-0007-6") is None
