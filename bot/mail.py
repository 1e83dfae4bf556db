"""Mail to officials: by SMTP, or into files; nothing when it is not set up (`doctor` says so).

SMTP_URL: `smtp://user:password@host:587` (STARTTLS when the server offers it; a password needs it),
`smtps://user:password@host:465`, or `file:///folder` which keeps each mail as an .eml file.
"""

from __future__ import annotations

import smtplib
import ssl
import uuid
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

TIMEOUT_S = 20.0


class MailError(RuntimeError):
    """The mail did not leave; the text names no password."""


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    text: str


class Mailer(Protocol):
    def send(self, mail: Mail) -> None:
        """Returns when the mail was taken; raises MailError."""
        ...


@dataclass(frozen=True)
class SmtpMailer:
    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    wrapped: bool = False
    """TLS from the first byte (smtps)."""

    def send(self, mail: Mail) -> None:
        try:
            with self._connected() as server:
                self._sign_in(server)
                server.send_message(_message(mail, self.sender))
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(f"{self.host}:{self.port}: {type(error).__name__}") from error

    def _connected(self) -> smtplib.SMTP:
        if self.wrapped:
            secure = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=secure)
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)

    def _sign_in(self, server: smtplib.SMTP) -> None:
        server.ehlo()
        if not self.wrapped and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif not self.wrapped and self.user:
            raise MailError(f"{self.host}:{self.port}: no TLS, the password is not sent in clear")
        if self.user:
            server.login(self.user, self.password)


@dataclass(frozen=True)
class FileMailer:
    """Each mail a file: for trying out, and for tests."""

    folder: Path
    sender: str

    def send(self, mail: Mail) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{uuid.uuid4().hex}.eml").write_bytes(bytes(_message(mail, self.sender)))
        except OSError as error:
            raise MailError(f"{self.folder}: {type(error).__name__}") from error


def mailer_for(url: str, sender: str) -> Mailer | None:
    """The mailer of SMTP_URL and MAIL_FROM; None when no mail is set up."""
    if not url or not sender:
        return None
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FileMailer(Path(unquote(parts.path)), sender)
    wrapped = parts.scheme == "smtps"
    port = parts.port or (465 if wrapped else 587)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return SmtpMailer(parts.hostname or "", port, sender, user, password, wrapped)


def _message(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message
