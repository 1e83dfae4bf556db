"""Every word a citizen reads, by key, from `phrases/*.yaml`; a ward may reword them in its own folder.

A file's name is the first part of its keys (`greeting.yaml` holds `greeting.first`). A phrase is one
text or a list of variants. A part between " · " that holds an unknown value (None) is left out, and
so is a line left empty: what the ward does not know is not shown.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.yaml_file import YamlError, read_yaml

DEFAULTS = Path(__file__).parent / "phrases"
PART = " · "
_KEY = re.compile(r"^[a-z0-9_]+$")
_FIELD = re.compile(r"\{([a-z0-9_]*)\}")

Texts = Mapping[str, tuple[str, ...]]


class PhraseError(ValueError):
    """A phrase file or a use of a phrase that cannot be right."""


@dataclass(frozen=True)
class Phrases:
    """All phrases; `turn_number` chooses among the variants, the same for the same turn."""

    texts: Texts
    turn_number: int = 0

    def for_turn(self, number: int) -> Phrases:
        return Phrases(self.texts, number)

    def say(self, key: str, **values: str | int | None) -> str:
        variants = self.texts.get(key)
        if variants is None:
            raise PhraseError(f"no phrase {key!r}")
        text = variants[self.turn_number % len(variants)]
        lacking = placeholders(text) - values.keys()
        if lacking:
            raise PhraseError(f"{key}: no value for {', '.join(sorted(lacking))}")
        return "\n".join(line for raw in text.split("\n") if (line := _fill(raw, values)))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def load_phrases(ward_dir: Path | None = None) -> Phrases:
    """The shipped phrases under the ward's own rewordings (`<ward>/phrases/*.yaml`)."""
    texts = _read_folder(DEFAULTS)
    for key, variants in texts.items():
        _same_placeholders(key, variants, placeholders(variants[0]))
    own = _read_folder(ward_dir / "phrases") if ward_dir is not None else {}
    for key, variants in own.items():
        if key not in texts:
            raise PhraseError(f"phrases của phường: không có câu nào tên {key}")
        _same_placeholders(key, variants, placeholders(texts[key][0]))
    return Phrases({**texts, **own})


def _read_folder(folder: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for name, value in _read_file(path).items():
            found[f"{path.stem}.{name}"] = _variants(path, name, value)
    return found


def _read_file(path: Path) -> dict[str, Any]:
    try:
        raw = read_yaml(path) or {}
    except YamlError as error:
        raise PhraseError(f"{path}: không đọc được: {error}") from error
    if not isinstance(raw, dict) or not all(isinstance(name, str) and _KEY.match(name) for name in raw):
        raise PhraseError(f"{path}: mỗi câu viết `ten_cau: lời nói`")
    return raw


def _variants(path: Path, name: str, value: Any) -> tuple[str, ...]:
    variants = value if isinstance(value, list) else [value]
    if not variants or not all(isinstance(text, str) and text.strip() for text in variants):
        raise PhraseError(f"{path}: câu {name} phải là chữ, không được để trống")
    for text in variants:
        _check_braces(path, name, text)
    return tuple(text.strip() for text in variants)


def _check_braces(path: Path, name: str, text: str) -> None:
    if re.search(r"[{}]", _FIELD.sub("", text)) or "" in _FIELD.findall(text):
        raise PhraseError(f"{path}: câu {name} có dấu {{ }} chưa đúng")


def _same_placeholders(key: str, variants: tuple[str, ...], expected: set[str]) -> None:
    for text in variants:
        found = placeholders(text)
        if lacking := expected - found:
            raise PhraseError(f"{key}: thiếu {{{', '.join(sorted(lacking))}}}")
        if unknown := found - expected:
            raise PhraseError(f"{key}: không có giá trị tên {{{', '.join(sorted(unknown))}}}")


def _fill(line: str, values: Mapping[str, str | int | None]) -> str:
    kept = [
        part.format(**values)
        for part in line.split(PART)
        if all(values[name] is not None for name in placeholders(part))
    ]
    return PART.join(kept).strip()
