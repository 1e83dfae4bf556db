"""Sends one message to one person and says what became of it. A message is never sent twice by guess.

Only a definite refusal of Zalo's is followed by another try, and each kind of mending happens once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import requests
import structlog

from bot.replies import Reply
from bot.zalo.api import Api, Tokens
from bot.zalo.errors import rule_for
from bot.zalo.memory import OaMemory
from bot.zalo.messages import body, split_reply
from bot.zalo.profiles import OaInfo, UserDetail
from bot.zalo.results import (
    BUSY_S,
    NO_ANSWER_VI,
    NOT_REACHED_VI,
    RETRY_S,
    TOKEN_VI,
    ApiAnswer,
    CallFailed,
    SendResult,
    failed,
    sent,
)
from bot.zalo.tokens import TokenBusy, TokenTrouble
from bot.zalo.transport import TIMEOUT_S, Unclear, Unreachable
from bot.zalo.uploads import FileRefused, Uploader, UploadFailed

Endpoint = Literal["v3", "v2"]

PATHS: dict[Endpoint, str] = {"v3": "v3.0/oa/message/cs", "v2": "v2.0/oa/message"}
OTHER: dict[tuple[Endpoint, int], Endpoint] = {("v3", -235): "v2", ("v2", -240): "v3"}
REMEMBER_ENDPOINT = "send_endpoint"
REMEMBER_BUTTONS = "buttons"
PLAIN = "text"
PLAIN_FOR = timedelta(days=7)  # then buttons are tried again: it may have been one bad button
NOT_ONE_VI = "Tin trống hoặc phải chia thành nhiều tin trước khi gửi."
PICTURE_VI = "Ảnh phải có địa chỉ https:// hoặc là tệp trong thư mục của phường."
_BUTTON_WORDS = ("button", "attachment", "template", "payload", "title")

log = structlog.get_logger(__name__)


@dataclass
class _Sending:
    """One message on its way, and what was already tried for it."""

    person_id: str
    reply: Reply
    endpoint: Endpoint
    buttons: bool
    attachment_id: str | None = None
    token: str | None = None
    fixed: bool = False
    switched: bool = False
    learned: dict[str, str] = field(default_factory=dict)


class ZaloClient:
    """Zalo's OpenAPI for one OA. `files_root`: local pictures and files are taken only from below it.
    `photos`: opens a picture of a case by its token."""

    def __init__(
        self,
        api_url: str,
        tokens: Tokens,
        memory: OaMemory,
        *,
        session: requests.Session | None = None,
        timeout: float | tuple[float, float] = TIMEOUT_S,
        files_root: Path | None = None,
        photos: Callable[[str], bytes | None] | None = None,
        endpoint: Endpoint = "v3",
        app_secret: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api = Api(api_url, tokens, session, timeout, app_secret)
        self._uploader = Uploader(self._api, memory, files_root, photos)
        self._memory = memory
        self._endpoint: Endpoint = endpoint
        self._now = now

    def send(self, person_id: str, reply: Reply, attempt: int = 1) -> SendResult:
        """Send one part of `split_reply`. `attempt` counts the sends of this very message, from 1.

        Never raises for anything Zalo or the network does. A broken database does raise, and then the
        message did not go out.
        """
        result = self._guarded(lambda: self._send(person_id, reply, attempt), attempt)
        log.info("zalo_send", kind=result.kind, code=result.code, attempt=attempt)
        return result

    def user_detail(self, user_id: str) -> UserDetail:
        """What Zalo tells about a person. Raises CallFailed."""
        data = {"data": json.dumps({"user_id": user_id})}
        answer = self._read("v3.0/oa/user/detail", data)
        if answer.code == -235:  # reading twice harms nobody; government OAs keep the old address (§0)
            answer = self._read("v2.0/oa/getprofile", data)
        return UserDetail.model_validate(self._success(answer))

    def oa_info(self) -> OaInfo:
        """What Zalo tells about the OA. Raises CallFailed."""
        return OaInfo.model_validate(self._success(self._read("v2.0/oa/getoa", {})))

    # --- one message -----------------------------------------------------------------------------

    def _send(self, person_id: str, reply: Reply, attempt: int) -> SendResult:
        parts = split_reply(reply)
        if len(parts) != 1:
            return SendResult("reject", text=NOT_ONE_VI)
        sending = self._prepared(person_id, parts[0])
        self._attach(sending)
        answer = self._post(sending)
        while answer.code != 0 and self._mended(sending, answer):
            answer = self._post(sending)
        if answer.code != 0:
            return failed(answer, attempt, self._now())
        for name, value in sending.learned.items():
            self._memory.note(name, value)  # it is sent: nothing may raise from here on
            log.warning("zalo_learned", name=name, value=value)
        return sent(answer)

    def _prepared(self, person_id: str, reply: Reply) -> _Sending:
        known = self._memory.get_all({REMEMBER_ENDPOINT: None, REMEMBER_BUTTONS: PLAIN_FOR})
        endpoint = next((path for path in PATHS if path == known[REMEMBER_ENDPOINT]), self._endpoint)
        buttons = not reply.buttons or known[REMEMBER_BUTTONS] != PLAIN
        return _Sending(person_id, reply, endpoint, buttons)

    def _post(self, sending: _Sending) -> ApiAnswer:
        message = body(
            sending.person_id,
            sending.reply,
            buttons=sending.buttons,
            attachment_id=sending.attachment_id,
            token=sending.token,
        )
        return self._api.call("POST", PATHS[sending.endpoint], json=message)

    def _attach(self, sending: _Sending, *, again: bool = False) -> bool:
        """Upload what has to be uploaded; False when there is nothing."""
        image, file = sending.reply.image, sending.reply.file
        if file:
            sending.token = self._uploader.upload("file", file, again=again)
        elif image and "://" not in image:
            sending.attachment_id = self._uploader.upload("image", image, again=again)
        elif image and not image.startswith("https://"):
            raise FileRefused(PICTURE_VI)
        return bool(sending.token or sending.attachment_id)

    # --- mending ---------------------------------------------------------------------------------

    def _mended(self, sending: _Sending, answer: ApiAnswer) -> bool:
        """Change the message so that another try may succeed; False when there is nothing left to try."""
        if answer.refused is not None:
            return False
        if rule_for(answer.code).action == "switch":
            return self._switch(sending, answer.code)
        if sending.fixed:
            return False
        sending.fixed = True
        if answer.code == -100:
            return self._attach(sending, again=True)
        return self._simplify(sending, answer) if answer.code in (-201, -233) else False

    def _switch(self, sending: _Sending, code: int) -> bool:
        other = OTHER.get((sending.endpoint, code))
        if other is None or sending.switched:  # both endpoints refuse: a person has to look
            return False
        sending.endpoint, sending.switched = other, True
        sending.learned[REMEMBER_ENDPOINT] = other
        return True

    def _simplify(self, sending: _Sending, answer: ApiAnswer) -> bool:
        """Leave out the quote or the buttons, whichever Zalo blames; both, when it does not say."""
        reply = sending.reply
        quote = reply.quote is not None and answer.code == -201
        buttons = bool(reply.buttons) and sending.buttons
        if quote and buttons:
            said = answer.message.lower()
            quote_blamed = "quote" in said
            buttons_blamed = not quote_blamed and any(word in said for word in _BUTTON_WORDS)
            quote, buttons = not buttons_blamed, not quote_blamed
        if quote:
            sending.reply = reply.model_copy(update={"quote": None})
        if buttons:
            sending.buttons = False
        if buttons and not quote:
            sending.learned[REMEMBER_BUTTONS] = PLAIN
        return quote or buttons

    # --- calls that may fail ---------------------------------------------------------------------

    def _guarded(self, act: Callable[[], SendResult], attempt: int) -> SendResult:
        try:
            return act()
        except TokenTrouble:
            return SendResult("alert", text=TOKEN_VI)
        except TokenBusy:
            return SendResult("retry", text=NOT_REACHED_VI, delay_s=BUSY_S)
        except Unreachable:
            return SendResult("retry", text=NOT_REACHED_VI, delay_s=RETRY_S)
        except Unclear:
            return SendResult("unknown", text=NO_ANSWER_VI)
        except FileRefused as error:
            return SendResult("reject", text=str(error))
        except UploadFailed as error:
            return self._upload_failed(error, attempt)

    def _upload_failed(self, error: UploadFailed, attempt: int) -> SendResult:
        again = SendResult("retry", text=NOT_REACHED_VI, delay_s=error.delay_s)
        if error.answer is None:
            return again
        result = failed(error.answer, attempt, self._now())
        return again if result.kind == "unknown" else result

    def _read(self, path: str, query: dict[str, Any]) -> ApiAnswer:
        try:
            return self._api.call("GET", path, params=query)
        except TokenTrouble as error:
            raise CallFailed(SendResult("alert", text=TOKEN_VI)) from error
        except (TokenBusy, Unreachable, Unclear) as error:
            raise CallFailed(SendResult("retry", text=NOT_REACHED_VI, delay_s=RETRY_S)) from error

    def _success(self, answer: ApiAnswer) -> dict[str, Any]:
        if answer.code != 0:
            raise CallFailed(failed(answer, 1, self._now()))
        return dict(answer.data)
