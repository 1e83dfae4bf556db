"""Typed words survive an automatic sign-out: the browser keeps them per form until we say they arrived.

A form with `data-draft="key"` is kept in the browser (see static/console.js). A view that has stored what
the form sent calls `done("key")`; the next page tells the browser to forget it.
"""

from __future__ import annotations

from flask import session

_NAME = "drafts_done"


def done(key: str) -> None:
    session[_NAME] = [*session.get(_NAME, []), key][-20:]


def take_done() -> tuple[str, ...]:
    return tuple(session.pop(_NAME, ()))
