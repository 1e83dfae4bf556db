"""ZBS template messages (zalo-api §4.4): by user id on the OpenAPI, by telephone number on ZBS's own host.

They cost money and need an approved template: what refuses them must not stop the OA's ordinary messages, so
that no refusal here is an alert to all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

import structlog
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from bot.zalo.api import Api
from bot.zalo.errors import ErrorRule, rule_for, zbs_rule_for
from bot.zalo.messages import phone_code
from bot.zalo.results import (
    BUSY_S,
    MESSAGE_ID_CHARACTERS,
    NO_ANSWER_VI,
    NOT_REACHED_VI,
    RETRY_S,
    TOKEN_VI,
    ApiAnswer,
    SendResult,
    failed,
)
from bot.zalo.tokens import TokenBusy, TokenTrouble
from bot.zalo.transport import Unclear, Unreachable

UID_PATH, PHONE_PATH = "v3.0/oa/message/template", "message/template"
TOKEN_REFUSED = frozenset({-124})
LONGEST_TRACKING = 48
BAD_PHONE_VI = "Số điện thoại không đúng dạng số Việt Nam."
NO_TEMPLATE_VI = "Chưa cài mã mẫu tin ZBS."

log = structlog.get_logger(__name__)


def _as_text(value: Any) -> str | None:
    return str(value)[:MESSAGE_ID_CHARACTERS] if isinstance(value, str | int) and value else None


Text = Annotated[str | None, BeforeValidator(_as_text)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class UidQuota(_Shape):
    quota_type: Text = None
    remain: Text = None


class SentByUid(_Shape):
    message_id: Text = None
    sent_time: Text = None
    quota: UidQuota = UidQuota()


class PhoneQuota(_Shape):
    dailyQuota: Text = None  # noqa: N815 - Zalo's name
    remainingQuota: Text = None  # noqa: N815


class SentByPhone(_Shape):
    msg_id: Text = None
    sent_time: Text = None
    sending_mode: Text = None
    quota: PhoneQuota = PhoneQuota()


@dataclass(frozen=True)
class ZbsClient:
    """`open_api` and `host` share a token; the host has its own table of errors."""

    open_api: Api
    host: Api
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def by_uid(self, user_id: str, template_id: str, data: Mapping[str, str], attempt: int = 1) -> SendResult:
        body = {"user_id": user_id, "template_id": template_id, "template_data": dict(data)}
        return self._send(self.open_api, UID_PATH, body, rule_for, attempt)

    def by_phone(
        self, phone: str, template_id: str, data: Mapping[str, str], tracking_id: str, attempt: int = 1
    ) -> SendResult:
        number = phone_code(phone)
        if not number.startswith("84") or not 11 <= len(number) <= 12:
            return SendResult("reject", text=BAD_PHONE_VI)
        body = {
            "phone": number,
            "template_id": template_id,
            "template_data": dict(data),
            "tracking_id": tracking_id[:LONGEST_TRACKING],
        }
        return self._send(self.host, PHONE_PATH, body, zbs_rule_for, attempt)

    def _send(
        self, api: Api, path: str, body: dict[str, Any], find: Callable[[int], ErrorRule], attempt: int
    ) -> SendResult:
        if not body["template_id"]:
            return SendResult("reject", text=NO_TEMPLATE_VI)
        try:
            answer = api.call("POST", path, json=body)
        except TokenTrouble:
            return SendResult("alert", text=TOKEN_VI)
        except TokenBusy:
            return SendResult("retry", text=NOT_REACHED_VI, delay_s=BUSY_S)
        except Unreachable:
            return SendResult("retry", text=NOT_REACHED_VI, delay_s=RETRY_S)
        except Unclear:
            return SendResult("unknown", text=NO_ANSWER_VI)
        result = (
            _sent(answer, api is self.host) if answer.code == 0 else failed(answer, attempt, self.now(), find)
        )
        log.info("zalo_send", kind=result.kind, code=result.code, attempt=attempt)
        return replace(result, kind="reject") if result.kind == "alert" else result


def _sent(answer: ApiAnswer, by_phone: bool) -> SendResult:
    """It is sent, whatever else the answer holds."""
    try:
        if by_phone:
            told = SentByPhone.model_validate(answer.data)
            return SendResult("sent", message_id=told.msg_id, code=0, rate=answer.rate)
        heard = SentByUid.model_validate(answer.data)
        quota = heard.quota.quota_type
        return SendResult("sent", message_id=heard.message_id, code=0, rate=answer.rate, quota_type=quota)
    except ValidationError:
        return SendResult("sent", code=0, rate=answer.rate)
