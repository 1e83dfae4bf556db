"""Copies of real entries with one thing changed, and what the check says of them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.checks import Finding, check_all
from knowledge.load import PROCEDURES

TODAY = date(2026, 11, 28)
OFFICIAL = Path(__file__).parent / "official"
"""Four records of the national portal, July 2026, without their raw text."""
Raw = dict[str, Any]
Change = Callable[[Raw], None]


def real(path: str) -> Raw:
    """The entry of `<field>/<key>`; the keys it names are left out, for it will stand alone."""
    raw: Raw = yaml.safe_load((PROCEDURES / f"{path}.yaml").read_text("utf-8"))
    return raw | {"related": []}


def put(root: Path, raw: Raw) -> Path:
    path = root / raw["field"] / f"{raw['key']}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return root


def twin(raw: Raw, key: str, **changes: Any) -> Raw:
    """A second entry that shares nothing it should not share."""
    other = copy.deepcopy(raw) | {"key": key, "code": None, "faqs": [], "choice_name": f"Việc khác {key}"}
    other["phrasings"] = [f"câu riêng số {word} của {key}" for word in "abcdeghi"]
    names = {"official_name": f"Thủ tục tên là {key}", "plain_name": f"Tên thường là {key}"}
    return other | names | changes


def findings(root: Path, official: Path | None = OFFICIAL, today: date = TODAY) -> list[Finding]:
    return check_all(root, today, official)


def found(root: Path, level: str, official: Path | None = OFFICIAL) -> set[tuple[str, str]]:
    """Rule and place of every finding of that level."""
    return {(one.rule, one.where) for one in findings(root, official) if one.level == level}
