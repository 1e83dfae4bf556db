"""The ward's own fees, times, places and notes: they win for their days, with their own source."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.load import PROCEDURES, load_entry
from knowledge.schema import Entry
from ward.local_facts import LocalFacts, apply, load_local_facts
from ward.profile import WardFileError

BIRTH = load_entry(PROCEDURES / "ho_tich" / "khai_sinh.yaml")
LATE = "đăng ký quá hạn"
SOURCE = 'source = "Nghị quyết số 1/2026/NQ-HĐND (mẫu)"\nverified_on = 2026-11-01\n'


def facts(tmp_path: Path, fees: str = "", local: str = "") -> LocalFacts:
    (tmp_path / "fees.toml").write_text(fees, "utf-8")
    (tmp_path / "local.toml").write_text(local, "utf-8")
    return load_local_facts(tmp_path)


def changed(tmp_path: Path, fees: str = "", local: str = "") -> Entry:
    return apply(facts(tmp_path, fees, local), [BIRTH])["khai_sinh"]


def late_fees(entry: Entry, day: date) -> list[tuple[str, int | None]]:
    return [(fee.basis, fee.amount_vnd) for fee in entry.fees if fee.when == LATE and fee.holds_on(day)]


def fee(more: str = "amount_vnd = 8000\n") -> str:
    return f'[[fee]]\nkey = "khai_sinh"\nwhen = "{LATE}"\n{SOURCE}{more}'


def test_no_files_change_nothing(tmp_path: Path) -> None:
    assert apply(load_local_facts(tmp_path), [BIRTH]) == {}


def test_a_local_fee_takes_the_place_of_the_national_one(tmp_path: Path) -> None:
    entry = changed(tmp_path, fee())
    assert late_fees(entry, date(2026, 11, 21)) == [("fixed", 8000)]
    told = next(one for one in entry.fees if one.when == LATE)
    source = next(one for one in entry.sources if one.id == told.source)
    assert source.title == "Nghị quyết số 1/2026/NQ-HĐND (mẫu)"
    assert told.verified_on == date(2026, 11, 1)
    others = [one for one in BIRTH.fees if one.when != LATE]
    assert [one for one in entry.fees if one.when != LATE] == others


def test_zero_is_free(tmp_path: Path) -> None:
    assert late_fees(changed(tmp_path, fee("amount_vnd = 0\n")), date(2026, 11, 21)) == [("free", None)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 12, 31), ("hdnd_tinh", None)),
        (date(2026, 1, 1), ("fixed", 8000)),
        (date(2026, 12, 31), ("fixed", 8000)),
        (date(2027, 1, 1), ("hdnd_tinh", None)),
    ],
)
def test_outside_its_days_the_national_fact_stands(
    tmp_path: Path, day: date, expected: tuple[str, int | None]
) -> None:
    more = "amount_vnd = 8000\neffective_from = 2026-01-01\neffective_to = 2026-12-31\n"
    assert late_fees(changed(tmp_path, fee(more)), day) == [expected]


def test_two_decisions_follow_each_other(tmp_path: Path) -> None:
    first = fee("amount_vnd = 8000\neffective_to = 2026-12-31\n")
    second = fee("amount_vnd = 5000\neffective_from = 2027-01-01\n")
    entry = changed(tmp_path, first + second)
    assert late_fees(entry, date(2026, 12, 31)) == [("fixed", 8000)]
    assert late_fees(entry, date(2027, 1, 1)) == [("fixed", 5000)]


def test_times_places_and_notes(tmp_path: Path) -> None:
    local = (
        f'[[time]]\nkey = "khai_sinh"\namount = 4\nunit = "gio"\n{SOURCE}'
        f'[[place]]\nkey = "khai_sinh"\nauthority = "ubnd_cap_xa"\ntext = "Quầy 3 (mẫu)"\n{SOURCE}'
        f'[[note]]\nkey = "khai_sinh"\ntext = "Phường có buổi lưu động (mẫu)."\n{SOURCE}'
    )
    entry = changed(tmp_path, local=local)
    assert [(one.amount, one.unit) for one in entry.times if one.when is None] == [(4, "gio")]
    assert "Quầy 3 (mẫu)" in [one.text for one in entry.places]
    assert entry.conditions[-1].text == "Phường có buổi lưu động (mẫu)."
    assert len({one.id for one in entry.sources}) == len(entry.sources)
    Entry.model_validate(entry.model_dump())


@pytest.mark.parametrize(
    ("fees", "local", "words"),
    [
        (fee().replace(LATE, "trời mưa"), "", "trời mưa"),
        (fee().replace("khai_sinh", "khong_co"), "", "khong_co"),
        (fee("amount_vnd = 8\n"), "", "amount_vnd"),
        (fee("amount_vnd = -1\n"), "", "amount_vnd"),
        (fee('amount_vnd = "nhiều"\n'), "", "amount_vnd"),
        (fee("amount_vnd = 8000\neffective_from = 2027-01-01\neffective_to = 2026-01-01\n"), "", "trước"),
        ('[[fee]]\nkey = "khai_sinh"\namount_vnd = 1000\n', "", "source"),
        ("[[fee]\n", "", "TOML"),
        ("", f'[[time]]\nkey = "khai_sinh"\n{SOURCE}', "same_day"),
        ("", f'[[place]]\nkey = "khai_sinh"\nauthority = "huyen"\ntext = "Quầy"\n{SOURCE}', "authority"),
        ("", "[[la]]\n", "la"),
    ],
)
def test_rubbish_is_named_with_file_and_field(tmp_path: Path, fees: str, local: str, words: str) -> None:
    with pytest.raises(WardFileError, match=words):
        apply(facts(tmp_path, fees, local), [BIRTH])


def test_the_sample_ward_holds_no_invented_facts() -> None:
    sample = Path(__file__).parents[2] / "ward" / "sample"
    assert load_local_facts(sample) == LocalFacts()
