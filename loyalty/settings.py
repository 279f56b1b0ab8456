"""The settings of one installation, read once from the environment; nothing else reads it.

Every value is `LOYALTY_<NAME>`; a secret may also be given as `LOYALTY_<NAME>_FILE`, the path of a file that holds it.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_REQUIRED = object()


class BadSettings(Exception):
    """The environment is wrong; `problems` lists everything that is, at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class VoucherKey:
    """One Ed25519 key of vouchers: its number (0 to 15, it travels in the code) and its 32-byte seed."""

    number: int
    seed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Frozen settings; see each field's comment for its unit."""

    database_url: str
    secret_key: str  # signs sessions, seals stored secrets
    secret_key_fallbacks: tuple[str, ...]  # former keys, still accepted
    voucher_keys: tuple[VoucherKey, ...]  # the first signs, all verify
    public_url: str  # what the codes and links begin with, without a final slash
    trusted_hosts: tuple[str, ...]  # host names answered to; empty: that of public_url and loopback
    proxy_hops: int  # how many reverse proxies stand before us
    busy_timeout_seconds: float  # how long a writer waits for the database
    log_level: str
    body_limit_bytes: int  # of one request
    mail_url: str  # smtp://user:password@host:port or smtps://...; empty: no e-mail leaves
    mail_from: str  # the address e-mails come from
    demo: bool  # a demonstration: what would be e-mailed is shown on a page


def load(environment: Mapping[str, str] | None = None, *, secrets_needed: bool = True) -> Settings:
    """Read the environment.

    Args:
        environment: instead of the process's own.
        secrets_needed: whether a missing secret is an error; a command that only reads the database needs none.

    Raises:
        BadSettings: with every problem found.
    """
    reader = _Reader(os.environ if environment is None else environment)
    settings = Settings(
        database_url=reader.read("DATABASE_URL", _database_url, "sqlite:///var/loyalty.sqlite3"),
        secret_key=reader.read("SECRET_KEY", _secret_key, _REQUIRED if secrets_needed else ""),
        secret_key_fallbacks=reader.read("SECRET_KEY_FALLBACKS", _listed, ()),
        voucher_keys=reader.read("VOUCHER_KEYS", _voucher_keys, _REQUIRED if secrets_needed else ()),
        public_url=reader.read("PUBLIC_URL", _web_address, "http://127.0.0.1:8000"),
        trusted_hosts=reader.read("TRUSTED_HOSTS", _listed, ()),
        proxy_hops=reader.read("PROXY_HOPS", _whole(0, 5), 0),
        busy_timeout_seconds=reader.read("BUSY_TIMEOUT_SECONDS", _seconds, 10.0),
        log_level=reader.read("LOG_LEVEL", _log_level, "INFO"),
        body_limit_bytes=reader.read("BODY_LIMIT_BYTES", _whole(1024, 64 * 1024 * 1024), 1024 * 1024),
        mail_url=reader.read("MAIL_URL", _mail_url, ""),
        mail_from=reader.read("MAIL_FROM", _mail_address, ""),
        demo=reader.read("DEMO", _yes_or_no, False),
    )
    reader.refuse_unknown()
    if settings.mail_url and not settings.mail_from:
        reader.problems.append("LOYALTY_MAIL_FROM: is missing; LOYALTY_MAIL_URL needs it")
    if reader.problems:
        raise BadSettings(reader.problems)
    return settings


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.problems: list[str] = []
        self.known: set[str] = set()

    def read(self, name: str, parse: Callable[[str], Any], default: Any) -> Any:
        full = f"LOYALTY_{name}"
        self.known |= {full, f"{full}_FILE"}
        try:
            text = self._text(full)
            if text is not None:
                return parse(text)
            if default is _REQUIRED:
                raise ValueError(f"is missing; give it, or the path of a file that holds it in {full}_FILE")
        except (ValueError, OSError) as problem:
            self.problems.append(f"{full}: {problem}")
        return default

    def _text(self, full: str) -> str | None:
        path = self.environment.get(f"{full}_FILE")
        if path is not None:
            if full in self.environment:
                raise ValueError("is given twice, as itself and as a file")
            return Path(path).read_text(encoding="utf-8").strip()
        return self.environment.get(full)

    def refuse_unknown(self) -> None:
        for name in sorted(self.environment):
            if name.startswith("LOYALTY_") and name not in self.known:
                self.problems.append(f"{name}: is not a setting")


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is not a web address such as https://club.example")
    return text.rstrip("/")


def _mail_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("is not a mail server such as smtp://user:password@mail.example:587")
    return text


def _mail_address(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+", text):
        raise ValueError(f"{text!r} is not an e-mail address")
    return text


def _yes_or_no(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"{text!r} is neither 0 nor 1")
    return text == "1"


def _database_url(text: str) -> str:
    if text.startswith(("postgresql://", "postgres://")):
        return "postgresql+psycopg://" + text.split("://", 1)[1]
    if text.startswith(("postgresql+psycopg://", "sqlite:///")):
        return text
    raise ValueError("must begin with postgresql:// or sqlite:///")


def _secret_key(text: str) -> str:
    if len(text) < 32:
        raise ValueError("must have at least 32 characters; make one with `loyalty settings new-secret`")
    return text


def _voucher_keys(text: str) -> tuple[VoucherKey, ...]:
    keys = []
    for item in _listed(text):
        number, _, seed = item.partition(":")
        try:
            keys.append(VoucherKey(int(number), base64.b64decode(seed, validate=True)))
        except (ValueError, binascii.Error):
            raise ValueError("must be NUMBER:BASE64SEED, several with commas, the signing one first") from None
    if not keys or any(len(key.seed) != 32 or not 0 <= key.number <= 15 for key in keys):
        raise ValueError("each key needs a number from 0 to 15 and a seed of 32 bytes")
    if len({key.number for key in keys}) != len(keys):
        raise ValueError("two keys have one number")
    return tuple(keys)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return parse


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 300:
        raise ValueError(f"{text!r} is not a number of seconds up to 300")
    return seconds


def _log_level(text: str) -> str:
    if text.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError(f"{text!r} is not DEBUG, INFO, WARNING or ERROR")
    return text.upper()


def without_password(database_url: str) -> str:
    """The address of a database, fit to be shown."""
    parts = urlsplit(database_url)
    return database_url.replace(f":{parts.password}@", ":***@") if parts.password else database_url


def prepare_local(folder: Path, *, public_url: str) -> None:
    """Complete the environment of this process, which its children inherit, for a demonstration on one's own machine.

    What is given stays. What is missing is an SQLite file in `folder`, and secrets made there once, for the eyes of
    their owner only.

    Args:
        public_url: where this start is to be found.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted: dict[str, Callable[[], str]] = {
        "SECRET_KEY": lambda: secrets.token_urlsafe(32),
        "VOUCHER_KEYS": lambda: f"0:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }
    for name, make in wanted.items():
        if not _is_given(name):
            path = folder / name.lower().replace("_", "-")
            if not path.exists():
                write_privately(path, make())
            os.environ[f"LOYALTY_{name}_FILE"] = str(path.absolute())
    if not _is_given("DATABASE_URL"):
        os.environ["LOYALTY_DATABASE_URL"] = f"sqlite:///{(folder / 'loyalty.sqlite3').absolute()}"
    if not _is_given("PUBLIC_URL"):
        os.environ["LOYALTY_PUBLIC_URL"] = public_url
    if not _is_given("DEMO"):
        os.environ["LOYALTY_DEMO"] = "1"


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a child process that serves with these secrets and this database, and logs little."""
    keys = ",".join(f"{key.number}:{base64.b64encode(key.seed).decode()}" for key in settings.voucher_keys)
    given = {
        "LOYALTY_DATABASE_URL": settings.database_url.replace("postgresql+psycopg://", "postgresql://"),
        "LOYALTY_SECRET_KEY": settings.secret_key,
        "LOYALTY_VOUCHER_KEYS": keys,
        "LOYALTY_PUBLIC_URL": settings.public_url,
        "LOYALTY_LOG_LEVEL": "WARNING",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")} | given


def write_privately(path: Path, text: str) -> None:
    """Write a file that only its owner may read; it is there whole or not at all."""
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _is_given(name: str) -> bool:
    return f"LOYALTY_{name}" in os.environ or f"LOYALTY_{name}_FILE" in os.environ
