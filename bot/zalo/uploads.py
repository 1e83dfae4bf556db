"""Pictures and files for a message: checked here, uploaded to Zalo, known there by an id (zalo-api §3.2, §5).

An upload is not a message: repeating it harms nobody, so no failure here has an unknown outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Literal

from bot.zalo.api import Api
from bot.zalo.memory import VALUE_CHARACTERS, OaMemory
from bot.zalo.results import NOT_REACHED_VI, RETRY_S, ApiAnswer
from bot.zalo.transport import Unclear, Unreachable

PHOTO = "photo:"
UploadKind = Literal["image", "file"]

MEGABYTE = 1024 * 1024
IMAGE_BYTES, FILE_BYTES = 1 * MEGABYTE, 5 * MEGABYTE
IMAGE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
FILE_SUFFIXES = frozenset({".pdf", ".doc", ".docx", ".csv"})
KEEP_ID = timedelta(days=6)  # Zalo drops an upload after seven


class FileRefused(ValueError):
    """The file cannot be sent; the text says why, in Vietnamese."""


class UploadFailed(Exception):
    """Zalo did not take the upload. `answer` is None when no answer came."""

    def __init__(self, answer: ApiAnswer | None) -> None:
        super().__init__(NOT_REACHED_VI if answer is None else answer.code)
        self.answer = answer
        self.delay_s = RETRY_S


@dataclass(frozen=True)
class LocalFile:
    name: str
    data: bytes


class Uploader:
    """Uploads files below `root`, and pictures of ours ("photo:token", opened by `photos`).

    Ids of pictures are remembered, for uploads are counted by the month.
    """

    def __init__(
        self,
        api: Api,
        memory: OaMemory,
        root: Path | None,
        photos: Callable[[str], bytes | None] | None = None,
    ) -> None:
        self._api = api
        self._photos = photos
        self._memory = memory
        self._root = root.resolve() if root else None

    def upload(self, kind: UploadKind, path: str, *, again: bool = False) -> str:
        """The id or token of the uploaded file. `again`: a remembered id is not good any more.

        Raises FileRefused, UploadFailed, tokens.TokenTrouble or tokens.TokenBusy.
        """
        file = _image(self._read(path)) if kind == "image" else _document(self._read(path))
        name = f"image:{sha256(file.data).hexdigest()[:32]}"
        known = self._memory.get(name, KEEP_ID) if kind == "image" and not again else None
        if known:
            return known
        answered = self._post(kind, file)
        if kind == "image" and len(answered) <= VALUE_CHARACTERS:
            self._memory.note(name, answered)
        return answered

    def _post(self, kind: UploadKind, file: LocalFile) -> str:
        try:
            answer = self._api.call("POST", f"v2.0/oa/upload/{kind}", files={"file": (file.name, file.data)})
        except (Unreachable, Unclear) as error:
            raise UploadFailed(None) from error
        found = answer.data.get("attachment_id" if kind == "image" else "token")
        if answer.code != 0 or not isinstance(found, str) or not found:
            raise UploadFailed(answer if answer.code else None)
        return found

    def _read(self, path: str) -> LocalFile:
        if path.startswith(PHOTO):
            jpeg = self._photos(path.removeprefix(PHOTO)) if self._photos else None
            if jpeg is None:
                raise FileRefused("Không mở được ảnh của phiếu.")
            return LocalFile("anh.jpg", jpeg)
        if self._root is None:
            raise FileRefused("Không có thư mục tệp đính kèm.")
        try:
            whole = (self._root / path).resolve(strict=True)
            if not whole.is_relative_to(self._root) or not whole.is_file():
                raise FileRefused("Tệp đính kèm nằm ngoài thư mục cho phép.")
            if whole.stat().st_size > FILE_BYTES:
                raise FileRefused("Tệp đính kèm lớn hơn 5 MB.")
            return LocalFile(whole.name, whole.read_bytes())
        except (OSError, ValueError) as error:
            if isinstance(error, FileRefused):
                raise
            raise FileRefused("Không đọc được tệp đính kèm.") from error


def _image(file: LocalFile) -> LocalFile:
    if not file.data.startswith(IMAGE_STARTS):
        raise FileRefused("Ảnh phải là JPG hoặc PNG.")
    if len(file.data) > IMAGE_BYTES:
        raise FileRefused("Ảnh lớn hơn 1 MB.")
    return file


def _document(file: LocalFile) -> LocalFile:
    if Path(file.name).suffix.lower() not in FILE_SUFFIXES or not file.data:
        raise FileRefused("Tệp phải là PDF, DOC, DOCX hoặc CSV và không rỗng.")
    return file
