"""Sealed texts: unreadable without the key, for another purpose, or after a change."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.secrets import SecretBox, SecretsUnreadable, key_from_file

KEY = "0123456789abcdef"


@given(st.text())
def test_what_is_sealed_opens_again(words: str) -> None:
    box = SecretBox(KEY, "tests")
    encodable = words.encode("utf-8", "ignore").decode()
    assert box.open_text(box.seal_text(encodable)) == encodable


def test_sealing_twice_differs_and_hides_the_words() -> None:
    box = SecretBox(KEY, "tests")
    first, second = box.seal_text("tố cáo ông A"), box.seal_text("tố cáo ông A")
    assert first != second
    assert "tố cáo".encode() not in first


@pytest.mark.parametrize("other", [SecretBox(KEY, "other"), SecretBox("f" * 16, "tests")])
def test_another_purpose_or_key_does_not_open(other: SecretBox) -> None:
    with pytest.raises(SecretsUnreadable):
        other.open(SecretBox(KEY, "tests").seal(b"x"))


@given(st.binary(max_size=60))
def test_junk_does_not_open(junk: bytes) -> None:
    with pytest.raises(SecretsUnreadable):
        SecretBox(KEY, "tests").open(junk)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        SecretBox("short", "tests")


def test_the_key_file_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret.key"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: key_from_file(path), range(32)))
    assert len(set(keys)) == 1
    assert len(keys[0]) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.iterdir()] == ["secret.key"]
