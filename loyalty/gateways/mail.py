"""A client of a mail server (RFC 5321)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}
_SECONDS = 15
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class MailRefused(Exception):
    """The server did not take an e-mail, or could not be reached; nothing of what it said names a person."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mails are handed in.

    Args:
        url: `smtp://user:password@host:port` (with STARTTLS, but for loopback) or `smtps://...` (TLS from the start).
        sender: the address they come from.
    """

    url: str
    sender: str

    @contextmanager
    def connected(self) -> Iterator[smtplib.SMTP]:
        """A connection for several e-mails.

        Raises:
            MailRefused
        """
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as problem:
            raise MailRefused(type(problem).__name__) from problem
        try:
            yield server
        finally:
            server.close()

    def send(self, server: smtplib.SMTP, *, recipient: str, subject: str, text: str, name: str) -> None:
        """Hand one e-mail in.

        Args:
            name: of the sender, beside the address.

        Raises:
            MailRefused
        """
        mail = EmailMessage()
        try:
            mail["From"] = f"{_quoted(name)} <{self.sender}>"
            mail["To"] = recipient
            mail["Subject"] = subject
            mail["Date"] = formatdate()
            mail["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
            mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies, please
            mail.set_content(text)
            server.send_message(mail)
        except (OSError, ValueError, smtplib.SMTPException) as problem:
            raise MailRefused(type(problem).__name__) from problem

    def _connect(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(host, port, timeout=_SECONDS)
            if host not in _LOOPBACK:
                server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server


def _quoted(name: str) -> str:
    plain = "".join(character for character in name if character.isprintable() and character not in '"\\<>')
    return f'"{plain}"'
