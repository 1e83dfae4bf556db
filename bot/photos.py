"""Pictures of a message are fetched before its turn, beside the conversation, never inside its transaction.

The first look at a picture message starts the fetch and leaves the message waiting (inbox.NotYet): its
person's later messages wait with it, everybody else is answered. Once fetched and re-encoded, or given
up, the message is handled. Nothing is kept here but for the minutes until then; what is to stay is stored
by the turn itself (Desk.keep_photos).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import structlog
from sqlalchemy import Connection

from bot.fetch import WHOLE_S, NotFetched, PhotoSource
from bot.inbox import NotYet
from bot.metrics import PHOTOS
from bot.replies import Turn
from store.secrets import SecretBox
from ward.photos import keep
from ward.pictures import NotAPhoto, Photo, reencode

log = structlog.get_logger("photos")

PICTURE_EVENTS = ("user_send_image", "user_send_gif")
MOST_PHOTOS = 4
FETCHERS = 4
GIVE_UP_S = 2 * WHOLE_S
"""A message waits for its pictures at most so long, also where others' slow pictures are before it."""
REMEMBER_S = 60.0
"""Fetched pictures stay at hand so long, longer than a failing turn is tried again."""


@dataclass(frozen=True)
class Fetched:
    """The pictures of one message, ready to be kept. Fewer than were sent when some could not be taken."""

    photos: tuple[Photo, ...] = ()
    box: SecretBox | None = None

    def keep(self, connection: Connection, oa_id: str, turn: Turn, most: int) -> tuple[str, ...]:
        """Store them as the person's own, in the transaction of the turn; their tokens."""
        box = self.box
        if box is None:
            return ()
        return tuple(
            keep(connection, box, oa_id, turn.person_id, photo, turn.at) for photo in self.photos[:most]
        )


@dataclass(frozen=True)
class _Fetch:
    """The pictures of one message on their way."""

    who: tuple[str, str]
    began: float
    coming: tuple[Future[Photo | None], ...]

    def is_over(self, give_up_s: float) -> bool:
        return time.monotonic() > self.began + give_up_s or all(one.done() for one in self.coming)

    def photos(self) -> tuple[Photo, ...]:
        """What came; what did not come in time is not waited for."""
        done = [one.result() for one in self.coming if not one.cancel() and one.done()]
        return tuple(photo for photo in done if photo is not None)


@dataclass
class PhotoRoom:
    """Fetches in a few threads of its own; asked again and again until the pictures are there."""

    source: PhotoSource
    wanted: Callable[[Turn], bool]
    box: SecretBox
    give_up_s: float = GIVE_UP_S
    rings: Callable[[], None] = lambda: None
    """Called when a picture is there, so that its message need not wait for the next look."""
    _fetches: dict[int, _Fetch] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(FETCHERS, "photos")

    def ready(self, oa_id: str, event_id: int, turn: Turn) -> Fetched:
        """The pictures of a message, none when there are none to take. Raises NotYet on their way."""
        if turn.event_name not in PICTURE_EVENTS or not self.wanted(turn):
            return Fetched()
        with self._lock:
            fetch = self._fetches.get(event_id) or self._begin((oa_id, turn.person_id), event_id, turn)
        if not fetch.is_over(self.give_up_s):
            raise NotYet
        return Fetched(fetch.photos(), self.box)

    def waiting_people(self) -> set[tuple[str, str]]:
        """Who has pictures on their way: their message cannot be handled at this moment."""
        with self._lock:
            return {fetch.who for fetch in self._fetches.values() if not fetch.is_over(self.give_up_s)}

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, who: tuple[str, str], event_id: int, turn: Turn) -> _Fetch:
        now = time.monotonic()
        too_old = now - self.give_up_s - REMEMBER_S
        for old in [key for key, fetch in self._fetches.items() if fetch.began < too_old]:
            del self._fetches[old]
        addresses = [item.url for item in turn.attachments if item.url][:MOST_PHOTOS]
        coming = tuple(self._pool.submit(self._take, url) for url in addresses)
        fetch = self._fetches[event_id] = _Fetch(who, now, coming)
        for one in coming:
            one.add_done_callback(lambda _done: self.rings())
        return fetch

    def _take(self, url: str) -> Photo | None:
        try:
            photo = reencode(self.source.fetch(url))
        except (NotFetched, NotAPhoto) as error:
            PHOTOS.labels(str(error)).inc()
            log.warning("picture not taken", reason=str(error), address=urlsplit(url).hostname)
            return None
        PHOTOS.labels("taken").inc()
        return photo
