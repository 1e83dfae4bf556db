"""What a call to Zalo's API came to, and what the sender is to do about it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from typing import Any, Literal

from bot.zalo.errors import Action, ErrorRule, rule_for, rules
from bot.zalo.texts import storable
from bot.zalo.transport import Answer, Unclear, whole_number

Kind = Literal["sent", "retry", "wait", "person", "alert", "reject", "unknown"]

VIETNAM = timezone(timedelta(hours=7))  # Zalo names no zone (zalo-api §4.2); Vietnam has no summer time
RETRY_S = 30.0
BUSY_S = 60.0
JITTER_S = 600.0
MESSAGE_ID_CHARACTERS, TEXT_CHARACTERS = 80, 200  # as in the outbox

NO_ANSWER_VI = "Không rõ Zalo đã nhận tin hay chưa. Mở OA Manager kiểm tra trước khi gửi lại."
NOT_REACHED_VI = "Chưa kết nối được với Zalo, hệ thống sẽ thử lại."
TOKEN_VI = "Quyền truy cập của OA có sự cố. Vào lại lệnh oauth để cấp quyền mới."  # noqa: S105
_KIND_OF: dict[Action, Kind] = {
    "retry": "retry",
    "wait": "wait",
    "stop_person": "person",
    "alert": "alert",
    "switch": "alert",  # by now the other endpoint was tried
    "renew_token": "alert",  # by now a new token was tried
    "fix": "reject",
    "unknown": "reject",
}


@dataclass(frozen=True)
class RateLimit:
    """Calls a minute, and how many are left; None where Zalo did not say."""

    limit: int | None
    remain: int | None


@dataclass(frozen=True)
class SendResult:
    """What became of one message.

    sent · retry after `delay_s` · wait `delay_s` for a permitted hour · person: nothing more to this person
    · alert: nothing more to anybody until a human acted · reject: give this message up · unknown: it may
    have arrived. `text` explains it to staff, in Vietnamese. `quota_type` of a sent message is None when
    Zalo charged for it (zalo-api §3.3).
    """

    kind: Kind
    message_id: str | None = None
    code: int | None = None
    text: str = ""
    delay_s: float | None = None
    rate: RateLimit | None = None
    quota_type: str | None = None


class CallFailed(Exception):
    """A call that is not a message came to nothing; `result` says what to do."""

    def __init__(self, result: SendResult) -> None:
        super().__init__(f"{result.kind} {result.code}")
        self.result = result


@dataclass(frozen=True)
class ApiAnswer:
    """Zalo's own answer: `code` 0 is success. An HTTP refusal without a code of Zalo's has `refused` set."""

    code: int
    message: str
    data: Mapping[str, Any]
    rate: RateLimit | None
    refused: SendResult | None = None


def read_answer(answer: Answer, table: Mapping[int, ErrorRule] | None = None) -> ApiAnswer:
    """Raises Unclear for a 5xx and for anything that is not an answer of the API."""
    known = rules() if table is None else table
    body = answer.body or {}
    code = whole_number(body.get("error"))
    rate = _rate(answer.headers)
    if 400 <= answer.status < 500 and answer.status != 408 and (code is None or code not in known):
        return ApiAnswer(code or answer.status, "", {}, rate, _refused(answer.status))
    if code is None or answer.status >= 500:
        raise Unclear(f"HTTP {answer.status}")
    data = body.get("data")
    said = storable(str(body.get("message", "")))
    return ApiAnswer(code, said, data if isinstance(data, dict) else {}, rate)


def sent(answer: ApiAnswer) -> SendResult:
    message_id, quota = answer.data.get("message_id"), answer.data.get("quota")
    quota_type = quota.get("quota_type") if isinstance(quota, dict) else None
    return SendResult(
        "sent",
        message_id=storable(str(message_id))[:MESSAGE_ID_CHARACTERS] if message_id else None,
        code=0,
        rate=answer.rate,
        quota_type=str(quota_type) if quota_type else None,
    )


def failed(
    answer: ApiAnswer, attempt: int, now: datetime, find: Callable[[int], ErrorRule] = rule_for
) -> SendResult:
    """What to do about a refusal that nothing could mend. `attempt` counts from 1."""
    if answer.refused is not None:
        return answer.refused
    rule = find(answer.code)
    kind = _KIND_OF[rule.action]
    if rule.times is not None and attempt > rule.times:
        kind = "unknown"
    said = f" Zalo: {answer.message[:100]}" if answer.message else ""
    delay = _delay(rule, now) if kind in ("retry", "wait") else None
    text = (rule.staff_text + said)[:TEXT_CHARACTERS]
    return SendResult(kind, code=answer.code, text=text, delay_s=delay, rate=answer.rate)


def seconds_until(until: time, now: datetime) -> float:
    """From `now` to the next time the clock shows `until` in Vietnam."""
    local = now.astimezone(VIETNAM)
    due = datetime.combine(local.date(), until, VIETNAM)
    return (due - local if due > local else due + timedelta(days=1) - local).total_seconds()


def _delay(rule: ErrorRule, now: datetime) -> float:
    if rule.until is None:
        return float(rule.delay_s or RETRY_S)
    jitter = random.uniform(0, JITTER_S)  # noqa: S311 - spreads load, guards nothing
    return seconds_until(rule.until, now) + jitter


def _refused(status: int) -> SendResult:
    if status == 429:
        return SendResult("retry", code=status, text=NOT_REACHED_VI, delay_s=BUSY_S)
    text = f"Máy chủ Zalo không nhận yêu cầu (HTTP {status}). Kiểm tra địa chỉ API và cài đặt ứng dụng."
    return SendResult("alert", code=status, text=text)


def _rate(headers: Mapping[str, str]) -> RateLimit | None:
    left = headers.get("X-RateLimit-Remain", headers.get("X-RateLimit-Remaining"))
    rate = RateLimit(whole_number(headers.get("X-RateLimit-Limit")), whole_number(left))
    return None if rate == RateLimit(None, None) else rate
