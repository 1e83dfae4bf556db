"""Search and understanding on any text: never raise, bounded work, and what must not change a decision."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.features import MOST_PARTS, concepts_in, features, parts_of
from knowledge.library import Library
from knowledge.search import BY_BODY, BY_PART, PARTS, SHORTLIST, Candidate
from knowledge.syllables import plain
from knowledge.text import HEAD, LONGEST_TOKEN, TAIL, normalize
from knowledge.understand import TOP, Context, Offer, Understanding, gather, understand

CONTEXTS = (
    Context(),
    Context(last_key="khai_sinh", last_facet="ho_so"),
    Context(last_facet="le_phi", offered=(Offer("dat_sang_ten"), Offer("dat_tach_hop_thua"))),
)
PHRASES = (
    "làm giấy khai sinh cho con|kết hôn|sổ đỏ bị mất|căn cước|tạm trú|sang tên|tách thửa|khai tử|bao lâu|"
    "bao nhiêu tiền|ở đâu|cần giấy gì|mẫu đơn|em|dạ|cho hỏi|với người nước ngoài|và|với|rồi|cộng|cả hai|"
    "đăng ký|cấp lại|xin|cán bộ|tố cáo|cháy nhà|cảm ơn|số 2|cái thứ hai|gks|cccd|lamf|la2m|1.001193|"
    "PA-2611-0042-7|2026|hello how are you|xqzw|tamtru|ba tôi mới mất|phòng khám|hộ kinh doanh"
)
WORDS = PHRASES.split("|")
SIGNS = (" ", " ", " ", ", ", ". ", "; ", " - ", "? ", "\n", " & ", "…")
HIDDEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2066\u2069"


@st.composite
def said_by_people(draw: st.DrawFn) -> str:
    """A message made of words people use, from two words to a story."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=25))
    return "".join(word + draw(st.sampled_from(SIGNS)) for word in words).strip(" ,.;-?&…\n")


PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=12),
    st.sampled_from(["😀", "👨\u200d👩\u200d👧", "\u202e", "\u200b", "a\u0301\u0323\u0302"]),
    st.sampled_from(["\x00\x1b", "\ud800", "ﷺ", "\u212b", "İ", "ß"]),
    st.text(alphabet="0123456789.-/", max_size=15),
    st.text(alphabet="bcdghklmnpqrstvxwz", min_size=4, max_size=8),
)  # fmt: skip


@st.composite
def anything(draw: st.DrawFn) -> str:
    """Up to 5,000 characters: whatever people or programs may send, also over and over."""
    pieces = draw(st.lists(PIECES, max_size=12))
    between = draw(st.sampled_from(["", " ", ", ", ". ", "\n", "\t"]))
    times = draw(st.sampled_from([1, 1, 2, 50, 2500]))
    return (between.join([*pieces, ""]) * times)[:5000]


def decided(understood: Understanding) -> tuple[object, ...]:
    """Everything that is decided and everything found, without the message itself."""
    return (
        understood.outcome,
        understood.key,
        understood.facet,
        understood.intent,
        understood.chosen,
        shown(understood.choices),
        shown(understood.candidates),
    )


def shown(found: tuple[Candidate, ...]) -> list[tuple[str, float]]:
    return [(one.key, one.score) for one in found]


def same(library: Library, one: str, other: str) -> None:
    assert library.search(one) == library.search(other)
    for context in CONTEXTS:
        assert decided(understand(one, context, library)) == decided(understand(other, context, library))


@settings(max_examples=150)
@given(anything())
def test_any_text_is_understood_somehow(library: Library, text: str) -> None:
    found = library.search(text)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(0.0 <= one.score <= 1.0 for one in found)
    for context in CONTEXTS:
        understood = understand(text, context, library)
        assert (understood.key is not None) == (understood.outcome in ("answer", "followup"))
        assert (len(understood.choices) > 1) == (understood.outcome == "choices")
        assert len(understood.candidates) <= TOP


@settings(max_examples=150)
@given(anything())
def test_work_is_bounded_whatever_the_length(library: Library, text: str) -> None:
    """Counted, not timed: words, parts of a story, entries looked at closely."""
    said = normalize(text)
    words = said.plain_tokens
    assert len(said.text) < 3 * (HEAD + TAIL)
    assert max(map(len, words), default=0) <= 4 * LONGEST_TOKEN
    assert len(features(said).weights) <= 2 * len(words) + len(concepts_in(said))
    assert len(parts_of(said)) <= MOST_PARTS
    assert len(library.index.signals(said)) <= SHORTLIST + 1 + BY_BODY + PARTS * BY_PART
    assert len(gather(text, library).halves) <= 2


@settings(max_examples=100)
@given(said_by_people())
def test_case_changes_nothing(library: Library, text: str) -> None:
    same(library, text, text.upper())
    same(library, text, text.title())


@settings(max_examples=100)
@given(said_by_people(), st.text(alphabet=" .,!?…~;:)\n\t", min_size=1, max_size=6))
def test_signs_at_the_end_change_nothing(library: Library, text: str, tail: str) -> None:
    same(library, text, text + tail)


@settings(max_examples=60)
@given(said_by_people(), st.integers(2, 5))
def test_more_space_changes_nothing(library: Library, text: str, count: int) -> None:
    same(library, text, "  " + text.replace(" ", " " * count) + "\t")


@settings(max_examples=60)
@given(said_by_people())
def test_composed_or_not_is_the_same(library: Library, text: str) -> None:
    """Phones and Macs send letters and their marks apart."""
    same(library, text, unicodedata.normalize("NFD", text))


@settings(max_examples=60)
@given(said_by_people(), st.sampled_from(HIDDEN), st.data())
def test_hidden_characters_change_nothing(
    library: Library, text: str, hidden: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(text)))
    same(library, text, text[:at] + hidden + text[at:])


@pytest.mark.parametrize("hidden", HIDDEN)
def test_hidden_characters_in_a_code_change_nothing(library: Library, hidden: str) -> None:
    """As they are when a code is copied from a page."""
    for code in ("1.001193", "PA-2611-0042-7", "H20.27-261015-0003"):
        same(library, f"mã {code}", f"mã {hidden.join(code)}")


@settings(max_examples=60)
@given(said_by_people())
def test_the_same_words_give_the_same_decision(library: Library, text: str) -> None:
    same(library, text, text)


@settings(max_examples=60)
@given(said_by_people(), st.sampled_from(["😀", "🙏🏽", "❤️", "👨\u200d👩\u200d👧"]))
def test_a_picture_at_the_end_changes_nothing(library: Library, text: str, picture: str) -> None:
    same(library, text, f"{text} {picture}")


@pytest.mark.parametrize(
    ("drawn", "meant"),
    [
        ("làm giấy khai sinh cho bé ở đâuuuuuu vậy taaaaa", "làm giấy khai sinh cho bé ở đâu vậy ta"),
        ("ĐĂNGGGG KÝÝÝÝ kết hônnnnnn cần giiiiii", "đăng ký kết hôn cần gi"),
    ],
)
def test_drawn_out_letters_are_read_as_one(library: Library, drawn: str, meant: str) -> None:
    same(library, drawn, meant)


def test_without_accents_the_entry_meant_stays_near(library: Library) -> None:
    """Accents are evidence, so scores may change; what is meant stays among those found."""
    asked = [(entry.key, entry.phrasings[0]) for entry in library.entries() if entry.phrasings]
    kept = sum(key in {one.key for one in library.search(plain(text))} for key, text in asked)
    assert kept >= 0.98 * len(asked)
