from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from knowledge.library import Library
from knowledge.load import load_entries
from knowledge.schema import Entry

QUESTIONS = Path(__file__).resolve().parents[3] / "shared" / "questions"


@pytest.fixture(scope="session")
def entries() -> list[Entry]:
    return load_entries()


@pytest.fixture(scope="session")
def library(entries: list[Entry]) -> Library:
    return Library.from_entries(entries)


@pytest.fixture(scope="session")
def dev_questions() -> list[dict[str, Any]]:
    """The labelled questions, where they lie beside the repository; else none."""
    lines = [
        line for path in sorted(QUESTIONS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]
    return [json.loads(line) for line in lines if line.strip()]
