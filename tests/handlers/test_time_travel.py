"""The same library asked on different days: only what is in force on the day is told as current.

The clock is moved by `turn.at`, as `"on"` of `knowledge ask --jsonl` moves it; nothing is patched.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache

import pytest

from bot.replies import Result, Turn
from handlers.answers import FACETS
from handlers.parts import Writer, is_current, part_of
from handlers.tokens import token
from handlers.wording import day_text, fee, money
from knowledge.in_force import ended_basis
from knowledge.library import Library
from knowledge.schema import Entry, Fact
from knowledge.words import lexicon
from tests.handlers.world import Chat, RecordingDesk, assistant, entry, library, phrases, profile, whole
from ward.calendar import VIET_NAM

OLD_LAW = "60/2014/QH13"
LAST_DAY, FIRST_DAY = date(2027, 2, 28), date(2027, 3, 1)
DAYS = [date(2026, 11, 28), date(2026, 12, 31), date(2027, 1, 1), LAST_DAY, FIRST_DAY]
ENTRIES = library().entries()
CIVIL = [
    item.key
    for item in ENTRIES
    if item.kind != "superseded" and OLD_LAW in {legal.number for legal in item.legal_basis}
]
POVERTY = ["1.011606", "1.011607", "1.011608", "3.000412"]
SUPERSEDED = [item.key for item in ENTRIES if item.kind == "superseded"]


def at(day: date) -> datetime:
    return datetime.combine(day, time(9, 0), VIET_NAM)


@cache
def pressed(key: str, facet: str, day: date) -> Result:
    """A part of an entry asked by its button on a day, as in the middle of a chat."""
    turn = Turn("p1", token("answer", key, facet), at(day), {"greeted": True})
    return assistant().respond(turn, RecordingDesk())


def told(result: Result) -> str:
    return " ".join(whole(result.replies).split())


def off(item: Entry, day: date) -> list[Fact]:
    return [fact for fact in item.facts() if not fact.holds_on(day)]


# --- every entry, every part, every day


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_what_is_not_in_force_is_never_answered(day: date) -> None:
    for item in ENTRIES:
        for facet in FACETS if not is_current(item, day) else ():
            result = pressed(item.key, facet, day)
            assert result.outcome == "handover" or item.kind == "superseded", (item.key, facet)
            assert item.key in result.keys
            assert item.summary.text not in told(result)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_what_is_in_force_is_answered(day: date) -> None:
    for item in ENTRIES:
        if is_current(item, day) and item.kind != "superseded":
            result = pressed(item.key, "tong_quan", day)
            assert result.outcome in ("answered", "other_authority"), item.key
            assert result.keys == (item.key,)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_no_fact_of_another_day_is_used(day: date) -> None:
    """What the source line counts as stated, and what is said, holds on the day."""
    for item in ENTRIES:
        writer = Writer(item, phrases(), profile(), day)
        for facet in FACETS:
            part = part_of(writer, facet)
            assert part is None or all(fact.holds_on(day) for fact in part.used), (item.key, facet)


@pytest.mark.parametrize("day", [*DAYS, date(2025, 6, 30), date(2026, 7, 1), date(2027, 7, 1)], ids=str)
def test_no_sentence_of_another_day_is_said(day: date) -> None:
    """The very words of each dated fact are looked for in every part of its entry."""
    for item in ENTRIES:
        for fact in off(item, day):
            for facet in FACETS:
                said = told(pressed(item.key, facet, day))
                for words in filter(None, (getattr(fact, "text", None), getattr(fact, "note", None))):
                    assert words not in said, (item.key, facet)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_an_instrument_that_has_ended_is_not_given_as_the_basis(day: date) -> None:
    for item in ENTRIES:
        if not is_current(item, day) or item.kind == "superseded":
            continue
        for repeal in ended_basis(item, day):
            assert f"số {repeal.number}." not in told(pressed(item.key, "can_cu", day))
            for facet in ("tong_quan", "noi_nop", "can_cu"):
                said = told(pressed(item.key, facet, day))
                assert f"Từ {day_text(repeal.since)}, {repeal.called} hết hiệu lực" in said, (item.key, facet)


def test_entries_stand_on_an_instrument_that_ends_while_they_go_on() -> None:
    """Else the test above would prove nothing."""
    going_on = [item for item in ENTRIES if is_current(item, FIRST_DAY) and ended_basis(item, FIRST_DAY)]
    assert going_on
    assert not any(ended_basis(item, LAST_DAY) for item in going_on)


# --- the civil-status law of 2014


def test_there_are_civil_status_entries() -> None:
    assert len(CIVIL) > 30


@pytest.mark.parametrize("key", CIVIL)
def test_civil_status_on_the_last_day_and_the_day_after(key: str) -> None:
    law = next(text for text in lexicon("repealed")["texts"] if text["number"] == OLD_LAW)
    for facet in FACETS:
        before = pressed(key, facet, LAST_DAY)
        assert before.outcome in ("answered", "other_authority")
        assert "đã thay đổi từ ngày" not in told(before)
        after = pressed(key, facet, FIRST_DAY)
        assert after.outcome == "handover"
        assert after.keys == (key,)
        assert "đã thay đổi từ ngày 01/03/2027" in told(after)
        assert law["called"] in told(after)
        assert all(number in told(after) for number in law["replaced_by"])
        assert "Phiếu của mình" in told(after)


@pytest.mark.parametrize(
    "words",
    ["làm giấy khai sinh cho bé cần gì", "đăng ký kết hôn mất bao lâu", "khai tử nộp ở đâu",
     "xin giấy độc thân bao nhiêu tiền", "xin trích lục khai sinh"],
)  # fmt: skip
def test_civil_status_in_words(words: str) -> None:
    before = Chat(at=at(LAST_DAY)).send(words)
    assert before.outcome in ("answered", "clarify")
    chat = Chat(at=at(FIRST_DAY))
    after = chat.send(words)
    assert after.outcome == "handover"
    assert set(after.keys) & set(CIVIL)
    assert "01/03/2027" in told(after)
    assert chat.desk.questions == [(words, "ho_tich")]


def test_the_last_minute_counts_by_viet_nams_clock() -> None:
    midnight = datetime.combine(FIRST_DAY, time(0, 0), VIET_NAM)
    assert Chat(at=midnight - timedelta(minutes=1)).send("làm giấy khai sinh cho bé").outcome == "answered"
    assert Chat(at=midnight).send("làm giấy khai sinh cho bé").outcome == "handover"


def test_a_follow_up_after_midnight_is_not_answered_by_the_old_law() -> None:
    chat = Chat(at=datetime.combine(LAST_DAY, time(23, 59), VIET_NAM))
    assert chat.send("làm giấy khai sinh cho bé cần gì").outcome == "answered"
    chat.at += timedelta(minutes=5)
    result = chat.send("vậy mất bao lâu?")
    assert result.outcome == "handover"
    assert result.keys == ("khai_sinh",)


# --- choices, guides and life events


def offered(chat: Chat, *keys: str) -> Result:
    """The choice between these entries, made by a superseded one that leads to them."""
    old = entry(keys[0]).model_copy(
        update={"key": "viec_cu", "kind": "superseded", "superseded_by": list(keys), "effective_to": None}
    )
    chat.bot = assistant(Library.from_entries([old, *map(entry, keys)]))
    return chat.send(token("answer", "viec_cu", "tong_quan"))


def test_a_choice_says_which_rule_has_changed() -> None:
    before = told(offered(Chat(at=at(LAST_DAY)), "khai_sinh", "thuong_tru"))
    assert "đã đổi" not in before
    chat = Chat(at=at(FIRST_DAY))
    result = offered(chat, "khai_sinh", "thuong_tru")
    assert f"1. {entry('khai_sinh').choice_name} (quy định đã đổi từ 01/03/2027)" in told(result)
    assert f"2. {entry('thuong_tru').choice_name}" in whole(result.replies).splitlines()
    assert chat.send("1").outcome == "handover"


def test_what_has_all_changed_is_not_asked_about() -> None:
    """A vague question about civil status: before, which one; after, an officer at once."""
    words = "lam giay to ho tich"
    vague = Chat(at=at(LAST_DAY)).send(words)
    assert vague.outcome == "clarify"
    keys = [choice.key for choice in vague.choices]
    assert set(keys) <= set(CIVIL), "the example must be about civil status only"
    result = Chat(at=at(FIRST_DAY)).send(words)
    assert result.outcome == "handover"
    assert list(result.keys) == keys
    assert "01/03/2027" in told(result)


def test_what_is_superseded_is_not_offered_beside_what_replaces_it() -> None:
    words = "gộp khai sinh, nhập hộ với thẻ khám bệnh của em bé mới đẻ thì bấm mục nào"
    result = Chat(at=at(DAYS[0])).send(words)
    old, new = entry("lien_thong_khai_sinh_thuong_tru_bhyt_cu"), entry("lien_thong_khai_sinh")
    named = {choice.key for choice in result.choices}
    assert result.outcome == "clarify"
    assert new.key in named
    assert old.superseded_by == [new.key]
    shown = whole(result.replies)
    assert new.choice_name in shown
    assert all(entry(key).choice_name not in shown for key in named if entry(key).kind == "superseded")


@pytest.mark.parametrize("guide", [guide.key for guide in library().guides()])
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_no_guide_leads_to_an_old_rule(guide: str, day: date) -> None:
    """An old button, on every day: what is over is said at once, and no way ends at it as current."""
    asked = library().guide(guide)
    assert asked is not None
    ends = [entry(outcome.entry) for outcome in asked.outcomes.values()]
    chat = Chat(at=at(day))
    result = chat.send(token("guide", guide))
    if all(not is_current(end, day) for end in ends):
        assert result.outcome == "handover"
        return
    assert result.outcome == "clarify"
    while result.outcome == "clarify":
        result = chat.send("1")
    assert all(is_current(entry(key), day) for key in result.keys) or result.outcome == "handover"


def test_a_guide_under_way_stops_at_the_day() -> None:
    chat = Chat(at=datetime.combine(LAST_DAY, time(23, 58), VIET_NAM))
    assert chat.send(token("guide", "khai_tu")).outcome == "clarify"
    chat.at += timedelta(minutes=5)
    assert chat.send("1").outcome == "handover"


@pytest.mark.parametrize("bundle", [bundle.key for bundle in library().bundles()])
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_a_life_event_says_which_steps_have_changed(bundle: str, day: date) -> None:
    event = library().bundle(bundle)
    assert event is not None
    chat = Chat(at=at(day))
    result = chat.send(token("bundle", bundle))
    steps = [(number, entry(step.entry)) for number, step in enumerate(event.steps, 1)]
    gone = [number for number, item in steps if item.effective_to is not None and item.effective_to < day]
    said = told(result)
    if len(gone) == len(steps):
        assert result.outcome == "handover"
        return
    assert said.count("(quy định đã đổi)") == len(gone)
    assert ("quy định của việc" in said) == bool(gone)
    assert all(note not in said for note in event.notes) or not gone
    for number in gone:
        assert chat.send(str(number)).outcome == "handover"
        chat.send(token("bundle", bundle))


def test_some_life_event_has_steps_that_change() -> None:
    keys = {step.entry for bundle in library().bundles() for step in bundle.steps}
    assert keys & set(CIVIL)


def checklist(guide: str, day: date, **facts: object) -> str:
    """What the guide's first answers lead to, with these facts in every entry it may end at."""
    asked = library().guide(guide)
    assert asked is not None
    keys = {*asked.starts_for, *(outcome.entry for outcome in asked.outcomes.values())}
    changed = {
        key: Entry.model_validate({**entry(key).model_dump(mode="json"), "effective_to": None, **facts})
        for key in keys
    }
    chat = Chat(at=at(day), bot=assistant(library().with_changed(changed)))
    result = chat.send(token("guide", guide))
    while result.outcome == "clarify":
        result = chat.send("1")
    assert result.outcome in ("answered", "other_authority")
    return told(result)


@pytest.mark.parametrize("guide", ["khai_tu", "ket_hon", "so_dat"])
def test_a_personal_checklist_has_the_facts_of_the_day(guide: str) -> None:
    facts = {
        "fees": [
            {"basis": "fixed", "amount_vnd": 11000, "effective_to": "2026-12-31"},
            {"basis": "fixed", "amount_vnd": 22000, "effective_from": "2027-01-01"},
        ],
        "documents": [
            {"name": "Giấy của luật trước", "effective_to": "2026-12-31"},
            {"name": "Giấy của luật sau", "effective_from": "2027-01-01"},
        ],
    }
    before = checklist(guide, date(2026, 12, 31), **facts)
    after = checklist(guide, date(2027, 1, 1), **facts)
    assert "11.000 đồng" in before
    assert "Giấy của luật trước" in before
    assert not any(words in before for words in ("22.000 đồng", "Giấy của luật sau"))
    assert "22.000 đồng" in after
    assert "Giấy của luật sau" in after
    assert not any(words in after for words in ("11.000 đồng", "Giấy của luật trước"))


def test_a_deadline_in_a_life_event_is_that_of_the_day() -> None:
    limits = [
        {"what": "đăng ký", "amount": 60, "unit": "ngay", "effective_to": "2026-12-31"},
        {"what": "đăng ký", "amount": 45, "unit": "ngay", "effective_from": "2027-01-01"},
    ]
    raw = {**entry("khai_sinh").model_dump(mode="json"), "deadlines": limits, "effective_to": None}
    shelf = library().with_changed({"khai_sinh": Entry.model_validate(raw)})
    said = [
        told(Chat(at=at(day), bot=assistant(shelf)).send(token("bundle", "co_con_nho")))
        for day in (date(2026, 12, 31), date(2027, 1, 1))
    ]
    assert "trong 45 ngày" not in said[0]
    assert "trong 45 ngày" in said[1]


# --- fees with an end


HALVED = [
    (item.key, item.fees[at_], item.fees[at_ + 1])
    for item in ENTRIES
    for at_ in range(len(item.fees) - 1)
    if item.fees[at_].effective_to and item.fees[at_ + 1].effective_from
]


@pytest.mark.parametrize(("key", "now", "later"), HALVED, ids=[case[0] for case in HALVED])
def test_a_reduced_fee_gives_way_the_day_after(key: str, now: Fact, later: Fact) -> None:
    assert now.effective_to is not None
    say = phrases()
    said = [told(pressed(key, "le_phi", now.effective_to + timedelta(days=n))) for n in (0, 1)]
    sums = [fee(say, one) for one in (now, later)]  # type: ignore[arg-type]
    assert sums[0] != sums[1]
    assert sums[0].lower() in said[0].lower()
    assert sums[1].lower() in said[1].lower()
    assert sums[0].lower() not in said[1].lower()


def test_the_citizen_card_costs_half_until_the_end_of_2026() -> None:
    assert {case[0] for case in HALVED} >= {"can_cuoc_cap_doi", "can_cuoc_cap_lai"}
    words = "làm lại căn cước bị mất tốn bao nhiêu tiền"
    last, first = Chat(at=at(date(2026, 12, 31))), Chat(at=at(date(2027, 1, 1)))
    assert money(35000) in told(last.send(words))
    said = told(first.send(words))
    assert money(70000) in said
    assert money(35000) not in said


def made(**changes: object) -> Entry:
    raw = entry("thuong_tru").model_dump(mode="json")
    return Entry.model_validate({**raw, "faqs": [], **changes})


def test_when_nothing_remains_an_officer_answers() -> None:
    item = made(fees=[{"basis": "fixed", "amount_vnd": 9000, "effective_to": "2026-12-31"}])
    shelf = assistant(Library.from_entries([item]))
    chat = Chat(at=at(date(2026, 12, 31)), bot=shelf)
    press = token("answer", item.key, "le_phi")
    assert "9.000 đồng" in told(chat.send(press))
    chat = Chat(at=at(date(2027, 1, 1)), bot=shelf)
    result = chat.send(press)
    assert result.outcome == "handover"
    assert result.keys == (item.key,)
    assert "9.000" not in told(result)
    assert "em không có thông tin còn dùng được" in told(result)
    assert chat.desk.questions[0][1] == item.field


def test_before_a_fact_begins_nothing_is_told_of_it() -> None:
    item = made(times=[{"amount": 7, "unit": "ngay", "effective_from": "2027-01-01"}], deadlines=[])
    shelf = assistant(Library.from_entries([item]))
    press = token("answer", item.key, "thoi_han")
    assert Chat(at=at(date(2026, 12, 31)), bot=shelf).send(press).outcome == "handover"
    assert "7 ngày" in told(Chat(at=at(date(2027, 1, 1)), bot=shelf).send(press))


def test_what_was_never_known_is_offered_to_an_officer_not_sent() -> None:
    item = made(fees=[{"basis": "unknown"}])
    chat = Chat(at=at(FIRST_DAY), bot=assistant(Library.from_entries([item])))
    assert chat.send(token("answer", item.key, "le_phi")).outcome != "handover"
    assert chat.desk.questions == []


def test_a_summary_of_another_day_is_not_told() -> None:
    item = made(summary={"text": "Câu tóm tắt của luật sau.", "effective_from": "2027-03-01"})
    shelf = assistant(Library.from_entries([item]))
    press = token("answer", item.key, "tong_quan")
    assert "Câu tóm tắt của luật sau." not in told(Chat(at=at(LAST_DAY), bot=shelf).send(press))
    assert "Câu tóm tắt của luật sau." in told(Chat(at=at(FIRST_DAY), bot=shelf).send(press))


# --- poverty reduction ends with 2026


@pytest.mark.parametrize("code", POVERTY)
def test_poverty_reduction_ends_with_the_year(code: str) -> None:
    (item,) = library().by_code(code)
    assert pressed(item.key, "ho_so", date(2026, 12, 31)).outcome == "answered"
    result = pressed(item.key, "ho_so", date(2027, 1, 1))
    assert result.outcome == "handover"
    assert result.keys[0] == item.key
    assert "đã thay đổi từ ngày 01/01/2027" in told(result)


def test_what_is_said_to_come_instead_is_unconfirmed() -> None:
    result = pressed("ho_ngheo_dinh_ky", "tong_quan", date(2027, 1, 1))
    heir = entry("ho_ngheo_ke_nhiem_1")
    assert result.keys == ("ho_ngheo_dinh_ky", heir.key)
    assert f"Mã thay vào được cho là {heir.code}, chưa xác nhận" in told(result)


# --- superseded


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("key", SUPERSEDED)
def test_what_is_superseded_leads_on(key: str, day: date) -> None:
    old = entry(key)
    (new,) = map(entry, old.superseded_by)
    for facet in FACETS:
        result = pressed(key, facet, day)
        assert result.keys == (new.key, key)
        assert "chưa xác nhận" in told(result)
        assert "không còn làm như trước" in told(result)
        assert (result.outcome == "handover") == (not is_current(new, day))


@pytest.mark.parametrize("code", ["2.000986", "2.001023", "2.002621", "2.002622", "1.010385"])
@pytest.mark.parametrize("words", ["{}", "thủ tục {} làm sao", "mã {} cần giấy tờ gì"])
def test_a_superseded_code_in_words(code: str, words: str) -> None:
    (old,) = library().by_code(code)
    result = Chat(at=at(DAYS[0])).send(words.format(code))
    assert result.keys == (*old.superseded_by, old.key)
    assert "chưa xác nhận" in told(result)


# --- in words, as people ask


def stands(result: Result, day: date) -> bool:
    """Is whatever was answered in force; does a choice say which rule has changed?"""
    if result.outcome == "clarify":
        gone = [one for one in result.choices if not is_current(entry(one.key), day)]
        return told(result).count("đã đổi") >= len(gone)
    leads = [key for key in result.keys if entry(key).kind != "superseded"]
    return result.outcome == "handover" or all(is_current(entry(key), day) for key in leads)


@pytest.mark.parametrize("key", CIVIL)
def test_however_it_is_asked_the_old_law_is_not_told(key: str) -> None:
    results = [Chat(at=at(FIRST_DAY)).send(words) for words in entry(key).phrasings]
    assert all(stands(result, FIRST_DAY) for result in results)
    handed = [result for result in results if result.outcome == "handover"]
    assert len(handed) > len(results) / 2
    assert all("đã thay đổi từ ngày 01/03/2027" in told(result) for result in handed if result.keys)


@pytest.mark.parametrize("day", [date(2027, 1, 1), FIRST_DAY], ids=str)
def test_whatever_is_asked_only_what_is_in_force_is_answered(day: date) -> None:
    for item in ENTRIES:
        result = Chat(at=at(day)).send(item.phrasings[0])
        assert stands(result, day), (item.key, item.phrasings[0], result.keys)
