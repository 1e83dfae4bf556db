"""Life events: every shipped bundle names entries in force, its own words lead there, errors are found."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.events import life_event
from knowledge.library import Library
from knowledge.load import PROCEDURES, EntryError, load_entry
from knowledge.path_checks import check_paths
from knowledge.paths import Bundle, Paths, load_all, load_path, load_paths, visits
from knowledge.text import normalize
from knowledge.understand import Context, understand

BUNDLES = load_all(PROCEDURES.parent / "bundles", Bundle)
ENTRIES = {entry.key: entry for path in sorted(PROCEDURES.glob("*/*.yaml")) for entry in [load_entry(path)]}
TODAY = date(2026, 11, 25)
Raw = dict[str, Any]
each_bundle = pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: bundle.key)


@pytest.fixture(scope="module")
def shelf() -> Library:
    return Library.from_entries(ENTRIES.values(), load_paths())


# --- what is shipped


def test_every_life_event_of_the_ward_has_a_bundle() -> None:
    assert {bundle.key for bundle in BUNDLES} >= {
        "co_con_nho", "dam_cuoi", "nguoi_than_qua_doi", "mua_ban_nha_dat", "tang_cho_nha_dat",
        "thua_ke_nha_dat", "xay_nha", "mo_phong_kham_nha_thuoc", "mo_ho_kinh_doanh", "mat_giay_to",
        "nguoi_lon_tuoi", "nguoi_khuyet_tat",
    }  # fmt: skip


@each_bundle
def test_its_steps_are_entries_in_force(bundle: Bundle) -> None:
    for key in bundle.entries():
        entry = ENTRIES[key]
        assert entry.kind != "superseded"
        assert entry.effective_to is None or entry.effective_to >= TODAY


@each_bundle
def test_who_is_said_to_come_does_come(bundle: Bundle) -> None:
    for step in bundle.steps:
        if step.visit:
            assert visits(ENTRIES[step.visit])


def test_something_comes_to_the_khom_or_the_home() -> None:
    ways = {
        way
        for bundle in BUNDLES
        for step in bundle.steps
        if step.visit
        for way in visits(ENTRIES[step.visit])
    }
    assert ways == {"luu_dong", "tai_nha"}


@each_bundle
def test_its_own_words_lead_to_it(bundle: Bundle, shelf: Library) -> None:
    for phrase in bundle.phrasings:
        for typed in (phrase, normalize(phrase).plain):
            found = life_event(understand(typed, Context(), shelf), shelf)
            assert found is not None, typed
            assert found.key == bundle.key, typed


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("vo tui moi sanh, gio lam giay to gi cho be", "co_con_nho"),
        ("má tui mới mất hôm qua giờ phải làm sao", "nguoi_than_qua_doi"),
        ("rớt bóp mất hết giấy tờ giờ làm sao đây", "mat_giay_to"),
        ("tính mở tiệm bún riêu thì phải lo những giấy tờ gì", "mo_ho_kinh_doanh"),
        ("muốn mở nhà thuốc phải làm những gì", "mo_phong_kham_nha_thuoc"),
        ("mua đất xong phải làm những giấy tờ gì", "mua_ban_nha_dat"),
        ("má cho miếng đất ruộng thì lo những giấy tờ gì", "tang_cho_nha_dat"),
        ("anh cho em miếng đất giờ phải làm sao", "tang_cho_nha_dat"),
        ("ông bà mất để lại miếng đất giờ phải làm gì", "thua_ke_nha_dat"),
        ("bán đất thì phải làm những thủ tục gì", "mua_ban_nha_dat"),
        ("thừa kế đất của cha mẹ thì làm những thủ tục gì", "thua_ke_nha_dat"),
    ],
)
def test_other_words_lead_there_too(said: str, key: str, shelf: Library) -> None:
    found = life_event(understand(said, Context(), shelf), shelf)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(
    "said",
    ["làm khai sinh cho bé cần gì", "lệ phí khai tử bao nhiêu", "sao y ở đâu", "đăng ký kết hôn",
     "mất căn cước", "cảm ơn em", "gặp cán bộ", "sổ đất bị rách đổi ở đâu"],
)  # fmt: skip
def test_one_matter_is_no_life_event(said: str, shelf: Library) -> None:
    assert life_event(understand(said, Context(), shelf), shelf) is None


def test_a_bundle_that_lost_an_entry_is_not_shown() -> None:
    lost = BUNDLES[0].steps[0].entry
    kept = Paths(tuple(BUNDLES)).within(key for key in ENTRIES if key != lost)
    assert BUNDLES[0].key not in {bundle.key for bundle in kept.bundles}


# --- planted errors


def written(root: Path, spoil: Callable[[Raw], object]) -> Path:
    """The bundle of a birth with one thing changed."""
    raw = yaml.safe_load((PROCEDURES.parent / "bundles" / "co_con_nho.yaml").read_text("utf-8"))
    spoil(raw)
    path = root / "bundles" / "co_con_nho.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return path


def findings(root: Path, level: str, today: date = TODAY) -> list[str]:
    found = check_paths(root / "procedures", list(ENTRIES.values()), today)
    return [f"{where}: {what}" for kind, where, what in found if kind == level]


def test_the_unchanged_one_passes(tmp_path: Path) -> None:
    written(tmp_path, lambda raw: None)
    assert findings(tmp_path, "error") == []


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda raw: raw["steps"][0].update(with_previous=True), "the first step has none before it"),
        (lambda raw: raw["steps"].append(copy.deepcopy(raw["steps"][0])), "stands twice"),
        (lambda raw: raw["notes"].append("x" * 141), "at most 140 characters"),
        (lambda raw: raw.update(steps=raw["steps"][:1]), "at least 2 items"),
        (lambda raw: raw.update(phrasings=raw["phrasings"][:3]), "at least 8 items"),
        (lambda raw: raw.update(them="gì đó"), "Extra inputs"),
        (lambda raw: raw.update(key="ten_khac"), "should be named after its key"),
    ],
    ids=["first with previous", "twice", "long note", "one step", "few words", "unknown field", "file name"],
)
def test_a_broken_shape_is_not_loaded(tmp_path: Path, spoil: Callable[[Raw], object], told: str) -> None:
    with pytest.raises(EntryError, match=told):
        load_path(written(tmp_path, spoil), Bundle)
    assert any(told in error for error in findings(tmp_path, "error"))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda raw: raw["steps"][0].update(entry="khong_co_the"), "không có thủ tục"),
        (lambda raw: raw["steps"][1].update(visit="khong_co_the"), "không có thủ tục"),
        (lambda raw: raw["steps"][0].update(entry="khai_nhan_di_san_cu"), "không còn dùng"),
        (lambda raw: raw["steps"][1].update(visit="thuong_tru"), "không phải việc làm tận nơi"),
        (lambda raw: raw["phrasings"].append(ENTRIES["khai_sinh"].phrasings[0]), "cũng là của khai_sinh"),
        (lambda raw: raw.update(needs=["(bé|)"]), "trúng cả câu trống"),
    ],
    ids=["entry", "visit", "superseded", "does not come", "words of an entry", "empty pattern"],
)
def test_a_planted_error_fails_the_check(tmp_path: Path, spoil: Callable[[Raw], object], told: str) -> None:
    written(tmp_path, spoil)
    found = findings(tmp_path, "error")
    assert any(told in error for error in found), found
    assert all(error.startswith("bundles/co_con_nho.yaml") for error in found)


def test_the_day_to_look_again_is_told(tmp_path: Path) -> None:
    written(tmp_path, lambda raw: raw.update(review_days=1))
    assert any("phải rà lại từ 22/11/2026" in one for one in findings(tmp_path, "warning"))
