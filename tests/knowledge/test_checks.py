from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.checks import RULES, Finding, check_all, not_current, official_names, review_due
from knowledge.checks.base import rule
from knowledge.coverage import rules_as_markdown
from knowledge.load import PROCEDURES, load_entry

TODAY = date(2026, 11, 29)
Raw = dict[str, Any]


def written(root: Path, **changes: Any) -> Path:
    """One entry like khai_sinh, with changes; `key` names the file."""
    raw: Raw = yaml.safe_load((PROCEDURES / "ho_tich" / "khai_sinh.yaml").read_text("utf-8"))
    raw |= {
        "related": [],
        "phrasings": [f"{phrase} {changes.get('key', '')}".strip() for phrase in raw["phrasings"]],
    }
    raw |= {"faqs": []} | changes
    path = root / raw["field"] / f"{raw['key']}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return root


def errors(root: Path, **more: Any) -> list[str]:
    return [str(one) for one in check_all(root, TODAY, **more) if one.level == "error"]


def warnings(root: Path, **more: Any) -> list[str]:
    return [str(one) for one in check_all(root, TODAY, **more) if one.level == "warning"]


def test_a_sound_entry_has_no_findings(tmp_path: Path) -> None:
    assert check_all(written(tmp_path), TODAY) == []


def test_the_house_has_no_errors() -> None:
    assert [str(one) for one in check_all(today=TODAY) if one.level == "error"] == []


def test_unreadable_file(tmp_path: Path) -> None:
    root = written(tmp_path)
    (root / "ho_tich" / "broken.yaml").write_text("key: [", "utf-8")
    (found,) = errors(root)
    assert "broken.yaml" in found


def test_wrong_field_is_named(tmp_path: Path) -> None:
    (found,) = errors(written(tmp_path, authority="nobody"))
    assert "khai_sinh.yaml" in found
    assert "authority" in found


def test_related_key_that_is_not_there(tmp_path: Path) -> None:
    (found,) = errors(written(tmp_path, related=["gone"]))
    assert "related" in found
    assert "'gone'" in found


def test_phrase_of_two_entries(tmp_path: Path) -> None:
    root = written(tmp_path)
    twin = written(root, key="khai_sinh_hai", choice_name="Việc khác hẳn")
    raw = yaml.safe_load((twin / "ho_tich" / "khai_sinh_hai.yaml").read_text("utf-8"))
    written(
        root,
        key="khai_sinh_hai",
        choice_name="Việc khác hẳn",
        phrasings=[*raw["phrasings"][:-1], "Làm giấy KHAI SANH cho bé?"],
    )
    (found,) = errors(root)
    assert "phrasings" in found
    assert "khai_sinh" in found


def test_phrase_twice_in_one_entry(tmp_path: Path) -> None:
    (found, *_) = errors(
        written(
            tmp_path,
            phrasings=[f"câu hỏi số {n} về việc này" for n in range(8)] + ["câu hỏi số 1 về việc này"],
        )
    )
    assert "lặp lại" in found


def test_same_choice_name_in_a_field(tmp_path: Path) -> None:
    root = written(written(tmp_path), key="khai_sinh_hai")
    assert any("choice_name" in found for found in errors(root))


@pytest.mark.parametrize("text", ["Nộp tại UBND huyện", "Ra thị trấn nộp", "Phòng Tư pháp quận"])
def test_district_as_a_place(tmp_path: Path, text: str) -> None:
    (found,) = errors(written(tmp_path, places=[{"authority": "ubnd_cap_xa", "text": text}]))
    assert "places.0" in found


def test_district_in_a_step(tmp_path: Path) -> None:
    (found,) = errors(written(tmp_path, steps=["Cán bộ chuyển lên huyện."]))
    assert "steps.0" in found


@pytest.mark.parametrize("text", ["Không còn cấp huyện, nộp tại phường", "Hồ sơ của huyện cũ nay ở tỉnh"])
def test_district_of_the_past_may_be_named(tmp_path: Path, text: str) -> None:
    assert errors(written(tmp_path, steps=[text])) == []


def test_land_times_are_provisional(tmp_path: Path) -> None:
    land = {"field": "dat_dai", "times": [{"amount": 20, "unit": "ngay_lam_viec"}]}
    (found,) = errors(written(tmp_path, **land))
    assert "times.0" in found
    land["times"] = [{"amount": 20, "unit": "ngay_lam_viec", "provisional": True}]
    assert errors(written(tmp_path, **land)) == []


def test_free_needs_a_rule(tmp_path: Path) -> None:
    (found,) = errors(written(tmp_path, fees=[{"basis": "free"}]))
    assert "fees.0" in found
    assert errors(written(tmp_path, fees=[{"basis": "free", "when": "đúng hạn"}])) == []


def test_expired_and_unreviewed_are_warned_about(tmp_path: Path) -> None:
    old = {"effective_to": date(2026, 11, 1), "verified_on": date(2026, 1, 1), "review_days": 30}
    found = warnings(written(tmp_path, **old))
    assert any("effective_to" in one for one in found)
    assert any("review_days" in one for one in found)
    assert errors(tmp_path) == []


def test_verified_tomorrow_is_an_error(tmp_path: Path) -> None:
    (found,) = errors(written(tmp_path, verified_on=date(2026, 12, 1)))
    assert "verified_on" in found


OFFICIAL = (
    '[{"code": "1.001193", "name": "THỦ TỤC ĐĂNG KÝ KHAI SINH"}, {"code": "1.000001", "name": "Việc khác"}]'
)


def test_official_names(tmp_path: Path) -> None:
    official = tmp_path / "official"
    official.mkdir()
    (official / "ho-tich.json").write_text(OFFICIAL, "utf-8")
    assert official_names(official)["1.000001"] == "Việc khác"
    root = written(tmp_path / "one")
    assert errors(root, official=official) == []
    (found,) = errors(written(root, official_name="Đăng ký kết hôn"), official=official)
    assert "official_name" in found
    (warned,) = warnings(written(root, code="1.999999"), official=official)
    assert "1.999999" in warned


def test_finding_reads_well() -> None:
    assert str(Finding("error", "ho_tich/a.yaml fees.0", "sai")) == "LỖI  ho_tich/a.yaml fees.0: sai"
    assert str(Finding("warning", "a fees", "lạ", "ma_la")) == "lưu ý  a fees: lạ [ma_la]"


def test_the_page_lists_every_rule_as_it_is() -> None:
    assert rules_as_markdown() in (PROCEDURES.parents[1] / "docs" / "knowledge.md").read_text("utf-8")


def test_two_rules_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="ma_la"):
        rule("ma_la", "một lần nữa")(RULES["ma_la"].run)


@pytest.mark.parametrize(
    ("day", "gone"), [(date(2027, 2, 28), False), (date(2027, 3, 1), True), (date(2015, 1, 1), True)]
)
def test_not_current(day: date, gone: bool) -> None:
    entry = load_entry(PROCEDURES / "ho_tich" / "khai_sinh.yaml")
    assert not_current(entry.model_copy(update={"effective_from": date(2016, 1, 1)}), day) is gone


def test_review_due() -> None:
    entry = load_entry(PROCEDURES / "ho_tich" / "khai_sinh.yaml")
    assert review_due(entry) == entry.verified_on + timedelta(days=entry.review_days)


def test_an_entry_that_ended_may_keep_its_old_basis(tmp_path: Path) -> None:
    after = date(2027, 3, 2)
    found = check_all(written(tmp_path, to_check=["rà lại"]), after)
    assert [one.rule for one in found if one.level == "error"] == []
    assert "het_hieu_luc" in [one.rule for one in found]
