"""Play questions through the real voice without a database: `knowledge ask`, and the evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.desk import TrialDesk
from bot.replies import Candidate, Respond, Result, Turn
from ward.calendar import VIET_NAM

MORNING = time(9, 0)
MOST_KEYS = 5


class Question(BaseModel):
    """One line of `ask --jsonl`: earlier questions of the same chat, oldest first, then this one."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str | int | None = None
    question: str = Field(max_length=20_000)
    context: tuple[str, ...] | None = None
    on: date | None = None


@dataclass(frozen=True)
class Trial:
    respond: Respond
    now: Callable[[], datetime]

    def play(self, asked: Question) -> Result:
        """The result of the last question, after the earlier ones were asked in the same chat."""
        at = datetime.combine(asked.on, MORNING, VIET_NAM) if asked.on else self.now()
        state: Mapping[str, Any] = {}
        for words in (*(asked.context or ()), asked.question):
            result = self.respond(Turn("trial", words, at, state), TrialDesk())
            state = result.state
        return result

    def lines(self, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
        """One answer for each JSON line; a line that cannot be read gives its number and the mend."""
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                asked = Question.model_validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                yield {"id": None, "error": f"line {number}: {where} {first['msg']}".replace("  ", " ")}
            else:
                yield {"id": asked.id, **as_answer(self.play(asked))}


def as_answer(result: Result) -> dict[str, Any]:
    """The contract of `knowledge ask --jsonl` (DESIGN §8)."""
    ranked = _ranked(result)
    return {
        "outcome": result.outcome,
        "keys": [item.key for item in ranked],
        "codes": [item.code for item in ranked],
        "facet": result.facet,
        "choices": [{"key": item.key, "code": item.code} for item in result.choices],
        "text": "\n\n".join(reply.text for reply in result.replies),
    }


def _ranked(result: Result) -> list[Candidate]:
    """What was answered first, then the other candidates, each once."""
    known = {item.key: item for item in result.candidates}
    keys = dict.fromkeys((*result.keys, *known))
    return [known.get(key) or Candidate(key, None, 0.0) for key in keys][:MOST_KEYS]
