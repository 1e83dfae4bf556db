"""All ways a message can leave, behind the one call the sender makes: the OA, ZBS templates, SMS, mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from bot.gateways import Gateway, GatewayRefused, GatewayUnclear
from bot.ladder import opened
from bot.replies import Reply, Route
from bot.sender import Carrier
from bot.zalo.results import SendResult
from bot.zalo.zbs import ZbsClient
from store.secrets import SecretBox, SecretsUnreadable

NO_MONEY = frozenset({-320, -321})
"""Only messages that cost money meet these: the free ones must go on."""
NO_WAY_VI = "Phường chưa cài đặt đường gửi này."
SEALED_VI = "Không mở được số điện thoại đã niêm phong (SECRET_KEY đã đổi)."
NOT_TAKEN_VI = "Cổng SMS hoặc thư điện tử không nhận tin."
UNCLEAR_VI = "Không rõ cổng thư điện tử đã nhận tin hay chưa."


@dataclass(frozen=True)
class Carriers:
    """Of one sending thread. `gateways`: "sms", "mail"."""

    zalo: Carrier
    zbs: ZbsClient
    box: SecretBox
    gateways: Mapping[str, Gateway] = field(default_factory=dict)

    def send(self, person_id: str, reply: Reply, attempt: int = 1) -> SendResult:
        route = reply.route
        if route is None:
            return self.zalo.send(person_id, reply, attempt)
        if route.by == "paid":
            return _without_alarm(self.zalo.send(person_id, reply, attempt))
        try:
            to = opened(self.box, route.to) if route.to else ""
        except (SecretsUnreadable, ValueError):
            return SendResult("reject", text=SEALED_VI)
        if route.by in ("zbs_uid", "zbs_phone"):
            return self._template(person_id, route, to, attempt)
        return self._hand_over(route, to, reply.text, person_id)

    def _template(self, person_id: str, route: Route, to: str, attempt: int) -> SendResult:
        template, data = route.template_id or "", route.template_data
        if route.by == "zbs_uid":
            return self.zbs.by_uid(person_id, template, data, attempt)
        return self.zbs.by_phone(to, template, data, _key(route, person_id), attempt)

    def _hand_over(self, route: Route, to: str, words: str, person_id: str) -> SendResult:
        gateway = self.gateways.get(route.by)
        if gateway is None:
            return SendResult("reject", text=NO_WAY_VI)
        try:
            gateway.send(to, words, _key(route, person_id))
        except GatewayRefused:
            return SendResult("reject", text=NOT_TAKEN_VI)
        except GatewayUnclear:
            return SendResult("unknown", text=UNCLEAR_VI)
        return SendResult("sent")


def _key(route: Route, person_id: str) -> str:
    """Names this message and nobody: the sealed number is another one each time it is sealed."""
    return sha256(f"{route.model_dump_json()}{person_id}".encode()).hexdigest()[:40]


def _without_alarm(result: SendResult) -> SendResult:
    """No money for paid messages concerns this message, not all others."""
    return replace(result, kind="reject") if result.code in NO_MONEY else result
