"""Canned replies: checked when saved, filled from what is known, never with a gap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from store.engine import read_tx, write_tx
from tests.handlers.world import library, profile
from ward import canned, tone
from ward.calendar import VIET_NAM
from ward.canned import BY_HAND, KNOWN, SHIPPED, Asked, Canned, CannedError, ValueUnknown
from ward.profile import WardFileError

OA = "2500000000000000099"
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=VIET_NAM)
DUE = datetime(2026, 11, 27, 16, 0, tzinfo=VIET_NAM)


@dataclass(frozen=True)
class Signer:
    name: str = "chị Hạnh"
    title: str = "cán bộ hộ tịch phường"


HANH = Signer()
ASKED = Asked("PA-2611-0042-7", DUE, "Khóm 3", "khai_sinh")


def known(case: Asked = ASKED, official: Signer = HANH) -> dict[str, str | None]:
    return canned.values(case, official, library(), profile(), NOW, NOW.date())


# ── placeholders ────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_placeholder_is_refused_with_those_that_are_known(sqlite_engine: Engine) -> None:
    wrong = Canned(title="Thử", text="Dạ xin chào {ten_dan}, em nhận rồi.")
    with write_tx(sqlite_engine) as connection, pytest.raises(CannedError) as error:
        canned.save(connection, OA, wrong, None, NOW)
    assert "{ten_dan}" in str(error.value)
    assert all(f"{{{name}}}" in str(error.value) for name in (*KNOWN, *BY_HAND))


@pytest.mark.parametrize("text", ["Dạ {ma", "Dạ ma}", "Dạ {{ma}}", "Dạ {}", "Dạ {ma.__class__}", "Dạ {0}"])
def test_braces_that_are_no_placeholder_are_refused(text: str) -> None:
    with pytest.raises(CannedError):
        canned.check(text)


def test_everything_known_is_filled() -> None:
    text = "\n".join(f"{{{name}}}" for name in KNOWN)
    told = canned.render(text, known())
    assert "{" not in told
    assert told.splitlines()[:5] == [
        "chị Hạnh",
        "cán bộ hộ tịch phường",
        "PA-2611-0042-7",
        "16h hôm nay",
        "Khóm 3",
    ]
    entry = library().entry("khai_sinh")
    assert entry is not None
    assert entry.plain_name in told
    assert entry.places[0].text in told


@pytest.mark.parametrize(
    ("case", "official", "text", "names"),
    [
        (Asked("HD-1", None), HANH, "Dạ trước {han} nha", ("han",)),
        (Asked("HD-1", NOW), HANH, "Dạ trước {han} nha", ("han",)),
        (Asked("HD-1", DUE), HANH, "Dạ {thu_tuc}: {noi_nop}", ("noi_nop", "thu_tuc")),
        (Asked("HD-1", DUE, procedure="khong_co"), HANH, "Dạ {thu_tuc} nha", ("thu_tuc",)),
        (ASKED, Signer(title=""), "Dạ {ten_can_bo}, {chuc_danh}", ("chuc_danh",)),
        (ASKED, HANH, "Dạ lý do: {ly_do}", ("ly_do",)),
    ],
)
def test_an_unknown_value_is_refused_by_name(
    case: Asked, official: Signer, text: str, names: tuple[str, ...]
) -> None:
    with pytest.raises(ValueUnknown) as error:
        canned.render(text, known(case, official))
    assert error.value.names == names
    assert all(name in str(error.value) for name in names)


def test_what_the_official_writes_is_filled_or_left_to_be_written() -> None:
    text = "Dạ em xin lỗi, lý do: {ly_do}. Mã {ma}"
    assert canned.render(text, known(), {"ly_do": " máy hư "}) == (
        "Dạ em xin lỗi, lý do: máy hư. Mã PA-2611-0042-7"
    )
    draft = canned.render(text, known(), keep_by_hand=True)
    assert draft == "Dạ em xin lỗi, lý do: {ly_do}. Mã PA-2611-0042-7"
    assert canned.unfilled(draft) == ["lý do"]
    assert canned.unfilled(draft.replace("{ly_do}", "máy hư")) == []
    with pytest.raises(ValueUnknown):
        canned.render(text, known(), {"ly_do": "  "})


def test_a_value_is_never_read_as_a_placeholder() -> None:
    assert canned.render("Dạ {ly_do} {ma}", known(), {"ly_do": "{ten_can_bo}"}) == (
        "Dạ {ten_can_bo} PA-2611-0042-7"
    )


def test_known_values_cannot_be_overwritten_by_hand() -> None:
    assert canned.render("Dạ {ma} ạ", known(), {"ma": "khác"}) == "Dạ PA-2611-0042-7 ạ"


# ── kept ────────────────────────────────────────────────────────────────────────────────────────


def test_texts_are_offered_by_kind_state_and_field(engine: Engine) -> None:
    def add(title: str, **which: tuple[str, ...]) -> int:
        return canned.save(connection, OA, Canned(title=title, text="Dạ em xin chào ạ", **which), None, NOW)

    with write_tx(engine) as connection:
        add("mọi phiếu")
        add("đất", fields=("dat_dai",))
        add("phản ánh", kinds=("report",))
        add("chờ dân", states=("waiting",))
        away = add("bỏ rồi")
        assert canned.put_away(connection, OA, away, 1, NOW)
        assert not canned.put_away(connection, OA, away, 1, NOW)
        assert not canned.put_away(connection, "khác", away, 1, NOW)

    def titles(kind: str, state: str, field: str | None = None) -> list[str]:
        with read_tx(engine) as reading:
            return [row.title for row in canned.fitting(reading, OA, kind, state, field)]  # type: ignore[arg-type]

    assert titles("question", "assigned", "dat_dai") == ["đất", "mọi phiếu"]
    assert titles("question", "assigned", "y_te") == ["mọi phiếu"]
    assert titles("report", "waiting") == ["mọi phiếu", "phản ánh", "chờ dân"]


def test_another_wording_replaces_and_a_text_of_another_ward_is_not_touched(engine: Engine) -> None:
    first, second = (Canned(title="Chào", text=f"Dạ em xin chào {n} ạ") for n in ("một", "hai"))
    with write_tx(engine) as connection:
        number = canned.save(connection, OA, first, 1, NOW)
        assert canned.save(connection, OA, second, 2, NOW, number) == number
        with pytest.raises(CannedError, match="Không còn"):
            canned.save(connection, "khác", first, 2, NOW, number)
        (row,) = canned.fitting(connection, OA, "question", "new")
    assert (row.text, row.changed_by) == (second.text, 2)


# ── the first set ───────────────────────────────────────────────────────────────────────────────


def test_the_first_set_is_put_in_once(engine: Engine, tmp_path: Path) -> None:
    with write_tx(engine) as connection:
        count = canned.seed(connection, OA, tmp_path, NOW)
        assert count == len(canned.read_seed(tmp_path)) > 5
        assert canned.seed(connection, OA, tmp_path, NOW) == 0


def test_the_three_apologies_are_there_and_ask_for_a_reason() -> None:
    apologies = [one for one in canned.read_seed(SHIPPED.parent) if one.title.startswith("Xin lỗi")]
    assert [one.title.removeprefix("Xin lỗi vì ") for one in apologies] == [
        "hướng dẫn chưa rõ", "kết quả chưa chính xác", "chậm trả",
    ]  # fmt: skip
    assert all("{ly_do}" in one.text and "xin lỗi" in one.text for one in apologies)


@pytest.mark.parametrize("one", canned.read_seed(SHIPPED.parent), ids=lambda one: one.title)
def test_the_first_set_is_in_house_tone_and_can_be_filled(one: Canned) -> None:
    by_hand = dict.fromkeys(BY_HAND, "đã thay nắp cống chiều 27/11")
    told = canned.render(one.text, known(), by_hand)
    assert tone.look_over(told) == []
    assert len(told.splitlines()) <= 6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- {title: Chào, text: 'Dạ em chào {ai} ạ'}", "{ai}"),
        ("- {title: Chào, text: Dạ em xin chào ạ, kinds: [x]}", "kinds"),
        ("- {title: Chào}", "text"),
        ("title: 'x", "canned.yaml"),
    ],
)
def test_a_wrong_file_of_the_ward_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "canned.yaml").write_text(text, "utf-8")
    with pytest.raises(WardFileError) as error:
        canned.read_seed(tmp_path)
    assert expected in str(error.value)
