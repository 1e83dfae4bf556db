"""Ways out beside Zalo: SMS and mail, behind one small interface. Each either took the text, or certainly
did not (`GatewayRefused`), or nobody knows (`GatewayUnclear`): then nothing is repeated.
"""

from __future__ import annotations

import json
import os
import smtplib
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from bot.mail import Mail, Mailer, MailError


class GatewayRefused(RuntimeError):
    """It was not taken; the text names no number."""


class GatewayUnclear(RuntimeError):
    """It may have been taken."""


class Gateway(Protocol):
    def send(self, to: str, text: str, key: str) -> None:
        """Returns when the text was taken. `key` names the message: the same key is the same message."""
        ...


@dataclass(frozen=True)
class SmsFolder:
    """Each SMS a JSON file, whole or not at all; the ward's own SMS program takes it away."""

    folder: Path

    def send(self, to: str, text: str, key: str) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False, encoding="utf-8") as file:
                json.dump({"to": to, "text": text, "key": key}, file, ensure_ascii=False)
            os.replace(file.name, self.folder / f"{key}.json")
        except OSError as error:
            raise GatewayRefused(f"{self.folder}: {type(error).__name__}") from error


_NEVER_LEFT = (
    smtplib.SMTPConnectError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    ConnectionRefusedError,
    socket.gaierror,
)


@dataclass(frozen=True)
class MailGateway:
    mailer: Mailer
    subject: str

    def send(self, to: str, text: str, key: str) -> None:
        try:
            self.mailer.send(Mail(to, self.subject, text))
        except MailError as error:
            certain = error.__cause__ is None or isinstance(error.__cause__, _NEVER_LEFT)
            raise (GatewayRefused if certain else GatewayUnclear)(str(error)) from error


def sms_gateway(url: str) -> Gateway | None:
    """The gateway of SMS_URL; None when there is none."""
    return SmsFolder(Path(unquote(urlsplit(url).path))) if url else None
