"""Zalo's two ways of saying no."""

from __future__ import annotations

from typing import Any

MEANINGS: dict[int, str] = {
    -32: "Application has reached limit call api per minute",
    -100: "attachment_id is expired",
    -200: "Send message failed",
    -201: "Params is invalid",
    -209: "Not supported this api",
    -210: "Parameter is over limit",
    -211: "Out of quota",
    -213: "User has not followed OA",
    -216: "Access token is invalid",
    -217: "User blocked invitation from OA",
    -218: "Out of quota receive message",
    -220: "Access token is expired or removed",
    -224: "OA must upgrade package",
    -230: "User has not interacted with the OA in the past 7 days",
    -232: "User has not interacted with OA or the interaction is expired",
    -233: "Message type is invalid or not supported",
    -234: "This message type is not allowed from 22:00 to 06:00",
    -235: "This API does not support this type of OA",
    -240: "MessageV2 API has been shut down, please switch to MessageV3",
    -242: "appsecret_proof is invalid",
    -244: "User has restricted this message type",
}


class ZaloError(Exception):
    """An answer of the OpenAPI with `error` other than 0 (HTTP 200 all the same)."""

    def __init__(self, code: int, message: str | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message or MEANINGS.get(code, "Unknown error")

    def body(self) -> dict[str, Any]:
        return {"error": self.code, "message": self.message}


class OAuthError(Exception):
    """An answer of the OAuth host. Codes other than -14002 and -14003 are not documented: guesses."""

    def __init__(self, code: int, name: str, description: str, reason: str = "") -> None:
        super().__init__(code, name)
        self.code, self.name, self.description, self.reason = code, name, description, reason

    def body(self) -> dict[str, Any]:
        return {
            "error_name": self.name,
            "error_reason": self.reason,
            "ref_doc": "https://developers.zalo.me/docs/official-account/bat-dau/xac-thuc-va-uy-quyen",
            "error_description": self.description,
            "error": self.code,
        }
