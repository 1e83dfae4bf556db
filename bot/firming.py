"""What handlers and the desk tell each other about firms at a business coffee. No database here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.replies import Turn


class FirmDesk(Protocol):
    """A code that is not the person's is unknown."""

    def name_guest(self, turn: Turn, code: str, name: str | None, phone: str | None) -> bool:
        """Who comes for the firm, sealed beside its name."""
        ...

    def raise_matter(self, turn: Turn, code: str, words: str) -> bool:
        """One more matter for the log of officials; False: no such place, or too many of it."""
        ...

    def open_matters(self, turn: Turn, code: str) -> int:
        """Matters of the place to which an answer is owed, also after the place was given up."""
        ...

    def open_code(self, turn: Turn) -> str | None:
        """The newest of their places with matters to which an answer is owed."""
        ...

    def drop_matters(self, turn: Turn, code: str) -> int:
        """Take back those that were not answered."""
        ...

    def hears_firm_news(self, turn: Turn) -> bool:
        """Whether the person has agreed to hear of later sessions."""
        ...

    def firm_news(self, turn: Turn, yes: bool) -> bool:
        """Told of later sessions or not any more. False: nothing changed."""
        ...


class NoFirms:
    """For trials: keeps nothing."""

    def name_guest(self, turn: Turn, code: str, name: str | None, phone: str | None) -> bool:
        return False

    def raise_matter(self, turn: Turn, code: str, words: str) -> bool:
        return False

    def open_matters(self, turn: Turn, code: str) -> int:
        return 0

    def open_code(self, turn: Turn) -> str | None:
        return None

    def drop_matters(self, turn: Turn, code: str) -> int:
        return 0

    def hears_firm_news(self, turn: Turn) -> bool:
        return False

    def firm_news(self, turn: Turn, yes: bool) -> bool:
        return False
