from __future__ import annotations

import pytest

from knowledge.patterns import PatternSet, compile_pattern, half_typed, script, without
from knowledge.text import normalize
from knowledge.words import LEXICON, lexicon


def hits(pattern: str, text: str) -> bool:
    return bool(compile_pattern(pattern).spans(script(normalize(text))))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("khai sinh", "làm khai sinh"),
        ("khai sinh", "LAM KHAI SINH"),
        ("đăng ký", "dăng ky ở đâu"),
        ("nhà (đang|bị|) cháy!", "nhà cháy"),
        ("nhà (đang|bị|) cháy!", "nha dang chay"),
        ("mất * sổ", "mất luôn cuốn sổ"),
        ("^menu$", "MENU"),
        ("bé NN tuổi", "bé 14 tuổi"),
    ],
)
def test_matches(pattern: str, text: str) -> None:
    assert hits(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("con", "hồ sơ còn thiếu"),
        ("cháy!", "cái xe chay nhanh lắm rồi đó"),
        ("chó!! * cắn", "cho con can"),
        ("mất * sổ", "mất hết tất cả mọi thứ nên cuốn sổ"),
        ("^menu$", "menu đâu"),
        ("sinh", "sinhh viên".replace("hh", "hx")),
    ],
)
def test_does_not_match(pattern: str, text: str) -> None:
    assert not hits(pattern, text)


def test_half_typed() -> None:
    assert {"đường", "dường", "đương", "dương", "duong", "đuòng"} <= half_typed("đường")
    assert half_typed("gi") == {"gi"}


def test_words_outside_the_hits() -> None:
    patterns = PatternSet()
    patterns.add("polite", ["dạ", "em ơi"])
    said = normalize("dạ em ơi làm sổ")
    text = script(said)
    assert without(text, patterns.find(said, text)) == ["lam", "so"]


def _patterns_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [p for one in value.values() for p in _patterns_in(one)]
    if isinstance(value, list):
        return [
            p for one in value for p in (_patterns_in(one) if isinstance(one, dict | list) else [str(one)])
        ]
    return []


@pytest.mark.parametrize("name", ["facets", "intents", "authorities", "concepts", "choosing"])
def test_every_written_pattern_compiles(name: str) -> None:
    for pattern in _patterns_in(lexicon(name)):
        assert compile_pattern(pattern).regex


def test_every_list_is_read_by_the_plain_yaml_reader_too() -> None:
    import yaml

    for path in LEXICON.glob("*.yaml"):
        assert yaml.safe_load(path.read_text("utf-8")) == lexicon(path.stem)
