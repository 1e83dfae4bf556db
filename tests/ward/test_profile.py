from __future__ import annotations

import re
from pathlib import Path

import pytest

from ward.profile import WardFileError, WardProfile, load_profile

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "ward" / "sample"
SAMPLE_TEXT = (SAMPLE / "ward.toml").read_text("utf-8")


def profile_from(folder: Path, text: str) -> WardProfile:
    (folder / "ward.toml").write_text(text, "utf-8")
    return load_profile(folder)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(WardFileError) as error:
        profile_from(folder, text)
    return str(error.value)


def test_sample_ward_is_whole() -> None:
    ward = load_profile(SAMPLE)
    assert ward.sample
    assert ward.name == "phường Mẫu"
    assert ward.citizen_reception is not None
    assert ward.citizen_reception.weekday == "thursday"
    assert len(ward.khom) == 3
    assert ward.hotline == "0277 000 0000"
    assert ward.phone_for("Đường dây nóng phản ánh") == "0277 000 0001"
    assert ward.phone_for("không có") is None


def test_sample_ward_is_labelled_and_obviously_fake() -> None:
    for name in ("ward.toml", "fees.toml", "README.md"):
        assert "DỮ LIỆU MẪU" in (SAMPLE / name).read_text("utf-8")
    numbers = re.findall(r'(?:phone|number) = "([^"]+)"', SAMPLE_TEXT)
    assert numbers
    assert all(number.startswith("0277 000 0") for number in numbers)
    assert all("mẫu" in line.lower() for line in re.findall(r'address = "([^"]+)"', SAMPLE_TEXT))


def test_sample_fees_state_no_amount() -> None:
    lines = (SAMPLE / "fees.toml").read_text("utf-8").splitlines()
    assert all(line.startswith("#") for line in lines if line.strip())


def test_defaults(tmp_path: Path) -> None:
    text = re.sub(r"^(silent_minutes|release_word|answer_hours).*\n", "", SAMPLE_TEXT, flags=re.M)
    ward = profile_from(tmp_path, text)
    assert (ward.silent_minutes, ward.release_word, ward.answer_hours) == (60, "#bot", 8)


def test_unknown_values_are_null(tmp_path: Path) -> None:
    text = SAMPLE_TEXT.replace('phone = "0277 000 0113"\n', "")
    police = profile_from(tmp_path, text).bodies.police
    assert police is not None
    assert police.phone is None


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WardFileError, match=r"ward\.toml: không có tệp này"):
        load_profile(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('name = "phường Mẫu"\n', "", "name: còn thiếu"),
        ('name = "phường Mẫu"\n', "name = 5\n", "name: phải là chữ, đặt trong ngoặc kép"),
        ("answer_hours = 8 ", "answer_hours = 0 ", "answer_hours: nhỏ quá mức cho phép"),
        ("sample = true", 'sample = true\nhotlin = "1"', "hotlin: không có mục tên này"),
        (
            'tuesday = ["07:00-11:30", "13:00-17:00"]',
            'tuesday = ["7 giờ sáng"]',
            'hours.tuesday.1: giờ làm việc viết như "07:00-11:00"',
        ),
        (
            'tuesday = ["07:00-11:30", "13:00-17:00"]',
            'tuesday = ["07:00-25:30"]',
            "hours.tuesday.1: giờ không có thật",
        ),
        (
            'tuesday = ["07:00-11:30", "13:00-17:00"]',
            'tuesday = ["13:00-17:00", "07:00-11:30"]',
            "hours.tuesday: các buổi phải theo thứ tự giờ",
        ),
        ('weekday = "thursday"', 'weekday = "thứ năm"', "citizen_reception.weekday: không nằm trong"),
        ('"https://dichvucong.gov.vn"', '"http://dichvucong.gov.vn"', "viết chưa đúng mẫu"),
    ],
)
def test_errors_name_the_field_in_vietnamese(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in SAMPLE_TEXT
    message = refused(tmp_path, SAMPLE_TEXT.replace(old, new, 1))
    assert "ward.toml" in message
    assert expected in message


def test_broken_toml_is_explained(tmp_path: Path) -> None:
    assert "không đọc được TOML" in refused(tmp_path, "name = ")


def test_a_week_without_hours_is_refused(tmp_path: Path) -> None:
    text = re.sub(r'= \["07:00-11:30", "13:00-17:00"\]', "= []", SAMPLE_TEXT)
    assert "phải có ít nhất một buổi làm việc" in refused(tmp_path, text)


def test_not_utf8_is_explained(tmp_path: Path) -> None:
    (tmp_path / "ward.toml").write_bytes("name = 'Phường'".encode("utf-16"))
    with pytest.raises(WardFileError, match="UTF-8"):
        load_profile(tmp_path)
