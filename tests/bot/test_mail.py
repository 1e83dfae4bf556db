"""Mail: a real SMTP conversation, files, and errors that name no password."""

from __future__ import annotations

import email
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email.policy import default
from pathlib import Path
from threading import Thread

import pytest

from bot.mail import FileMailer, Mail, MailError, SmtpMailer, mailer_for

LETTER = Mail("hanh@phuong.example", "phường Mẫu: 2 phiếu chờ", "Dạ chị Hạnh, mấy việc dưới đây.\n")
FROM = "Trợ lý <troly@phuong.example>"


class _Post(socketserver.StreamRequestHandler):
    """Just enough of SMTP; what comes is kept by the server."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.kept.append(b"".join(lines))  # type: ignore[attr-defined]
            if word == b"RCPT" and b"refused" in line:
                self.wfile.write(b"550 nobody\r\n")
                continue
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@contextmanager
def post() -> Iterator[tuple[int, list[bytes]]]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Post) as server:
        kept: list[bytes] = []
        server.kept = kept  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server.server_address[1], kept
        server.shutdown()
        thread.join()


def test_a_mail_arrives_by_smtp() -> None:
    with post() as (port, kept):
        mailer = mailer_for(f"smtp://127.0.0.1:{port}", FROM)
        assert mailer is not None
        mailer.send(LETTER)
    message = email.message_from_bytes(kept[0], policy=default)
    assert (message["To"], message["Subject"]) == (LETTER.to, LETTER.subject)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().strip() == LETTER.text.strip()


def test_a_refused_mail_is_an_error() -> None:
    with post() as (port, _), pytest.raises(MailError, match="SMTPRecipientsRefused"):
        SmtpMailer("127.0.0.1", port, FROM).send(Mail("refused@phuong.example", "x", "y"))


def test_a_password_is_not_sent_in_clear_and_never_shown() -> None:
    with post() as (port, kept):
        mailer = mailer_for(f"smtp://troly:m%40t+khau@127.0.0.1:{port}", FROM)
        assert isinstance(mailer, SmtpMailer)
        assert mailer.password == "m@t+khau"
        assert "m@t" not in repr(mailer)
        with pytest.raises(MailError, match="no TLS") as error:
            mailer.send(LETTER)
    assert kept == []
    assert "m@t" not in str(error.value)


def test_a_server_that_is_away_is_an_error() -> None:
    with post() as (port, _):
        pass
    with pytest.raises(MailError, match="ConnectionRefused"):
        SmtpMailer("127.0.0.1", port, FROM).send(LETTER)


def test_mails_may_go_into_files(tmp_path: Path) -> None:
    mailer = mailer_for(f"file://{tmp_path}/thu", FROM)
    assert mailer == FileMailer(tmp_path / "thu", FROM)
    mailer.send(LETTER)
    mailer.send(LETTER)
    files = sorted((tmp_path / "thu").glob("*.eml"))
    assert len(files) == 2
    assert email.message_from_bytes(files[0].read_bytes(), policy=default)["Subject"] == LETTER.subject


def test_a_line_break_in_an_address_cannot_add_headers(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        FileMailer(tmp_path, FROM).send(Mail("a@b.example\nBcc: c@d.example", "x", "y"))


@pytest.mark.parametrize(("url", "sender"), [("", FROM), ("smtp://mail.example", "")])
def test_nothing_set_up_is_no_mailer(url: str, sender: str) -> None:
    assert mailer_for(url, sender) is None


def test_ports_are_the_usual_ones() -> None:
    plain, wrapped = mailer_for("smtp://mail.example", FROM), mailer_for("smtps://mail.example", FROM)
    assert isinstance(plain, SmtpMailer)
    assert isinstance(wrapped, SmtpMailer)
    assert (plain.port, plain.wrapped, wrapped.port, wrapped.wrapped) == (587, False, 465, True)
