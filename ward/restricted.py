"""Words of a formal complaint or denunciation: sealed with the sender's id, read by one role only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from store.schema import restricted_messages
from store.secrets import SecretBox


@dataclass(frozen=True)
class RestrictedMessage:
    person_id: str
    text: str


def keep(
    connection: Connection, box: SecretBox, oa_id: str, person_id: str, text: str, now: datetime
) -> None:
    """Seal person and text together: the row alone tells neither who nor what."""
    clear = json.dumps({"person_id": person_id, "text": text}, ensure_ascii=False)
    row = {"oa_id": oa_id, "created_at": now, "sealed": box.seal_text(clear)}
    connection.execute(insert(restricted_messages).values(**row))


def unseal(box: SecretBox, sealed: bytes) -> RestrictedMessage:
    clear = json.loads(box.open_text(sealed))
    return RestrictedMessage(clear["person_id"], clear["text"])
