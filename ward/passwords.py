"""Passwords of officials: argon2id, one-time passwords that can be read out, and what is too weak."""

from __future__ import annotations

import secrets
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 200
MEMORY_KIB: Final = 19_456
"""19 MiB and two rounds: the least OWASP names for argon2id, so that a sign-in fits a small machine."""
AT_ONCE: Final = 2
"""So many hashes are made at once; others wait. A flood of sign-ins must not fill the memory."""
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters that look alike when read from paper."""

_turns = threading.BoundedSemaphore(AT_ONCE)


class WeakPassword(ValueError):
    """The text says what is missing, in Vietnamese."""


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1)


@lru_cache(maxsize=1)
def nobody() -> str:
    """A hash that no password fits: checked for unknown names, so that they take as long as known ones."""
    return hash_of(secrets.token_urlsafe(32))


def hash_of(password: str) -> str:
    with _turns:
        return _hasher().hash(password)


def fits(hashed: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        with _turns:
            return _hasher().verify(hashed, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False


def is_dated(hashed: str) -> bool:
    """Made with other costs than today's: to be made anew at the next sign-in."""
    return _hasher().check_needs_rehash(hashed)


def one_time() -> str:
    """Three groups of four letters, 59 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def check_new(password: str, username: str) -> None:
    """Length counts most; a name or one repeated letter is no password."""
    if len(password) < SHORTEST:
        raise WeakPassword(f"Mật khẩu cần ít nhất {SHORTEST} ký tự. Có thể ghép vài từ dễ nhớ với nhau.")
    if len(password) > LONGEST:
        raise WeakPassword(f"Mật khẩu dài nhất {LONGEST} ký tự.")
    plain = password.casefold()
    if username.casefold() in plain or len(set(plain)) < 5 or plain in _COMMON:
        raise WeakPassword("Mật khẩu này dễ đoán. Chọn mật khẩu khác, không chứa tên đăng nhập.")


_COMMON = frozenset({"1234567890", "0123456789", "0987654321", "matkhau123", "password123", "qwertyuiop"})
