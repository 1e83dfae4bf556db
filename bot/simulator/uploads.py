"""Files: what the OA uploads to send, and what people send."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import PurePath

from bot.simulator.answers import ZaloError
from bot.simulator.store import Row, Store, now_ms

MEGABYTE = 1024 * 1024
ASSET_LIFE_MS = 7 * 24 * 3_600_000
DOCUMENTS = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv",
}
PICTURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
SHOWN_INLINE = frozenset({"image/jpeg", "image/png", "image/gif"})


@dataclass(frozen=True)
class Upload:
    """A file as it came in."""

    name: str
    data: bytes

    @property
    def extension(self) -> str:
        return PurePath(self.name).suffix.lstrip(".").lower()


def picture_type(data: bytes) -> str | None:
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return next((mime for magic, mime in PICTURES if data.startswith(magic)), None)


class Files:
    """Kept in the store, served by the simulator itself."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, kind: str, upload: Upload, mime: str) -> Row:
        file_id = secrets.token_hex(16)
        name = PurePath(upload.name.replace("\\", "/")).name or "tep"
        self._store.insert(
            "files", id=file_id, kind=kind, name=name, mime=mime, size=len(upload.data),
            checksum=hashlib.md5(upload.data, usedforsecurity=False).hexdigest(),
            data=upload.data, added_at=now_ms(),
        )  # fmt: skip
        return self.get(file_id)

    def find(self, file_id: str) -> Row | None:
        return self._store.row("SELECT * FROM files WHERE id = ?", file_id)

    def get(self, file_id: str) -> Row:
        found = self.find(file_id)
        if found is None:
            raise KeyError(file_id)
        return found

    def asset(self, file_id: str, kind: str, field: str) -> Row:
        """An uploaded asset for sending: -201 unknown, -100 older than seven days."""
        found = self.find(file_id)
        if found is None or found["kind"] != kind:
            raise ZaloError(-201, f"{field} is invalid")
        if now_ms() - found["added_at"] > ASSET_LIFE_MS:
            raise ZaloError(-100)
        return found

    def accept_asset(self, kind: str, upload: Upload) -> dict[str, str]:
        """Answer POST /v2.0/oa/upload/<kind>."""
        mime = _checked(kind, upload)
        kept = self.keep(f"oa-{kind}", upload, mime)
        return {"token" if kind == "file" else "attachment_id": kept["id"]}

    def age(self, file_id: str, days: float) -> None:
        """Make an asset older, to try -100."""
        self._store.run(
            "UPDATE files SET added_at = ? WHERE id = ?", now_ms() - int(days * 24 * 3_600_000), file_id
        )


def link(file: Row) -> str:
    """The file's address, relative to the simulator's page."""
    return f"files/{file['id']}"


def _checked(kind: str, upload: Upload) -> str:
    if not upload.data:
        raise ZaloError(-201, "file is invalid")
    mime = picture_type(upload.data)
    if kind == "image":
        _refuse(mime not in ("image/jpeg", "image/png"), "file is invalid, only support png and jpeg")
        _refuse_size(upload, 1)
    elif kind == "gif":
        _refuse(mime != "image/gif", "file is invalid, only support gif")
        _refuse_size(upload, 5)
    else:
        mime = DOCUMENTS.get(upload.extension)
        _refuse(mime is None, "file is invalid, only support pdf, doc, docx and csv")
        _refuse_size(upload, 5)
    return str(mime)


def _refuse(wrong: bool, message: str) -> None:
    if wrong:
        raise ZaloError(-201, message)


def _refuse_size(upload: Upload, megabytes: int) -> None:
    if len(upload.data) > megabytes * MEGABYTE:
        raise ZaloError(-210, f"file is over limit {megabytes}MB")
