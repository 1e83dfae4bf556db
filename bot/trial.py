"""Play questions through the real voice without a database: `knowledge ask`, and the evaluation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.desk import TrialDesk
from bot.replies import Respond, Result, Turn
from knowledge import search
from knowledge.evaluation.judge import Told
from ward.calendar import VIET_NAM
from ward.programmes.model import Programme

MORNING = time(9, 0)
MOST_KEYS = 5
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
"""The days that can be asked about: no law of ours is older, and the calendar must reach a little further."""


def _day(value: Any) -> date | None:
    """A day as the contract writes it. Bare numbers and times of day are no days."""
    if value is None or type(value) is date:
        return value
    try:
        if not isinstance(value, str) or not _ISO_DAY.fullmatch(value):
            raise ValueError
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError(
            f"{value!r} is no day: write it as 2027-03-01, or leave `on` out for today"
        ) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{value} is out of reach: from {FIRST_DAY} to {LAST_DAY}")
    return day


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Question(BaseModel):
    """One line of `ask --jsonl`: earlier questions of the same chat, oldest first, then this one."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str | int | None = None
    question: str = Field(max_length=20_000)
    context: tuple[str, ...] | None = None
    on: Annotated[date | None, BeforeValidator(_day)] = None


@dataclass(frozen=True)
class Trial:
    respond: Respond
    code_of: Callable[[str], str | None]
    now: Callable[[], datetime]
    programme_files: Mapping[str, Programme] = field(default_factory=dict)

    def play(self, asked: Question) -> Result:
        """The result of the last question, after the earlier ones were asked in the same chat."""
        at = datetime.combine(asked.on, MORNING, VIET_NAM) if asked.on else self.now()
        state: Mapping[str, Any] = {}
        for words in (*(asked.context or ()), asked.question):
            result = self.respond(Turn("trial", words, at, state), TrialDesk(self.programme_files))
            state = result.state
        return result

    def told(self, said: Sequence[str], on: date | None = None) -> Told:
        """What the last of these messages got, as the evaluation judges it."""
        result = self.play(Question(question=said[-1], context=tuple(said[:-1]), on=on))
        return Told(
            result.outcome,
            result.keys[0] if result.keys else None,
            result.facet,
            tuple(item.key for item in result.choices),
            tuple(search.Candidate(item.key, item.score) for item in result.candidates),
            "\n\n".join(reply.text for reply in result.replies),
        )

    def lines(self, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
        """One answer for each JSON line; a line that cannot be read gives its number and the mend."""
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                asked = Question.model_validate_json(line)
            except ValidationError as error:
                yield {"id": _id_in(line), "error": f"line {number}: {_first_of(error)}"}
            else:
                yield {"id": asked.id, **self.answer(asked)}

    def answer(self, asked: Question) -> dict[str, Any]:
        """The contract of `knowledge ask --jsonl` (DESIGN §8)."""
        result = self.play(asked)
        keys = _best_first(result)
        return {
            "outcome": result.outcome,
            "keys": keys,
            "codes": [self.code_of(key) for key in keys],
            "facet": result.facet,
            "choices": [{"key": item.key, "code": self.code_of(item.key)} for item in result.choices],
            "text": "\n\n".join(reply.text for reply in result.replies),
        }


def _first_of(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where} {first['msg'].removeprefix('Value error, ')}".strip()


def _id_in(line: str) -> str | int | None:
    """The id of a line that cannot be answered, so that whoever asked finds it again."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    named = found.get("id") if isinstance(found, dict) else None
    return named if isinstance(named, str | int) else None


def _best_first(result: Result) -> list[str]:
    """What was answered, then the other candidates, each once."""
    return list(dict.fromkeys((*result.keys, *(item.key for item in result.candidates))))[:MOST_KEYS]
