"""The ways to reach a person with a reminder, cheapest first; each is tried once, the last is a call.

Zalo's windows count from the person's last message (zalo-api §4.1). An hour is kept in hand, for a message
may wait its turn in the queue.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from bot.replies import Reply, Route
from store.secrets import SecretBox

Channel = Literal["free", "paid", "zbs_uid", "zbs_phone", "sms", "mail", "call"]

IN_HAND: Final = timedelta(hours=1)
FREE_FOR: Final = timedelta(hours=48) - IN_HAND
PAID_FOR: Final = timedelta(days=7) - IN_HAND
ANY_KIND: Final = "*"


@dataclass(frozen=True)
class Reach:
    """What is known of a person: `phone` and `mail` in clear, for this moment only."""

    person_id: str | None = None
    last_inbound_at: datetime | None = None
    phone: str | None = field(default=None, repr=False)
    mail: str | None = field(default=None, repr=False)
    by_sms: bool = False
    """They chose a message to their telephone, and nothing else."""


@dataclass(frozen=True)
class Means:
    """What the ward allows and has. `templates`: approved ZBS templates by kind of message."""

    paid: bool = False
    paid_vnd: int = 55
    templates: Mapping[str, str] = field(default_factory=dict)
    zbs_vnd: int = 0
    sms: bool = False
    mail: bool = False

    def template(self, kind: str) -> str | None:
        return self.templates.get(kind) or self.templates.get(ANY_KIND)

    def cost(self, channel: Channel) -> int:
        if channel == "paid":
            return self.paid_vnd
        return self.zbs_vnd if channel in ("zbs_uid", "zbs_phone") else 0


@dataclass(frozen=True)
class Words:
    """What is said: as a Zalo message, in one line (SMS, mail, telephone), and as a template's values.

    Neither names nor numbers of people belong into `data`: it lies in the outbox as it is.
    """

    reply: Reply
    line: str
    data: Mapping[str, str] = field(default_factory=dict)


def rungs(reach: Reach, means: Means, kind: str, now: datetime) -> list[Channel]:
    """The ways that are open now, cheapest first."""
    if reach.by_sms:
        return ["sms"] if means.sms and reach.phone else []
    template = means.template(kind) is not None
    wide: dict[Channel, bool] = {
        "zbs_uid": template and bool(reach.person_id),
        "zbs_phone": template and bool(reach.phone),
        "sms": means.sms and bool(reach.phone),
        "mail": means.mail and bool(reach.mail),
    }
    return [*_in_window(reach, means, now), *(channel for channel, is_open in wide.items() if is_open)]


def _in_window(reach: Reach, means: Means, now: datetime) -> Sequence[Channel]:
    if not reach.person_id or reach.last_inbound_at is None:
        return ()
    silent = now - reach.last_inbound_at
    if silent <= FREE_FOR:
        return ("free",)
    return ("paid",) if means.paid and silent <= PAID_FOR else ()


def next_rung(reach: Reach, means: Means, kind: str, tried: Collection[str], now: datetime) -> Channel:
    return next((one for one in rungs(reach, means, kind, now) if one not in tried), "call")


def as_reply(
    channel: Channel, words: Words, reach: Reach, means: Means, kind: str, until: datetime, box: SecretBox
) -> Reply:
    """The message for the outbox. Numbers and addresses only sealed."""
    if channel == "free":
        return words.reply.model_copy(update={"useless_after": until})
    if channel == "paid":
        return words.reply.model_copy(update={"useless_after": until, "route": Route(by="paid")})
    if channel in ("sms", "mail"):
        to = reach.phone if channel == "sms" else reach.mail
        route = Route(by="sms" if channel == "sms" else "mail", to=sealed(box, to or ""))
        return Reply(text=words.line, route=route, useless_after=until)
    number = sealed(box, reach.phone or "") if channel == "zbs_phone" else None
    by: Literal["zbs_phone", "zbs_uid"] = "zbs_phone" if channel == "zbs_phone" else "zbs_uid"
    data = dict(words.data)
    route = Route(by=by, to=number, template_id=means.template(kind), template_data=data)
    return Reply(route=route, useless_after=until)


def sealed(box: SecretBox, clear: str) -> str:
    return base64.b64encode(box.seal_text(clear)).decode()


def opened(box: SecretBox, kept: str) -> str:
    return box.open_text(base64.b64decode(kept))
