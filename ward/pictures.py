"""A picture from outside as a plain small JPEG of ours: nothing of the original file goes on.

The file is hostile until shown otherwise: only four formats are opened, the size a header states is
looked at before anything is unpacked, and one picture at a time is unpacked in a process. What a decoder
has to say about a strange file is of no use to anybody.
"""

from __future__ import annotations

import threading
import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LONGEST_SIDE = 1600
MOST_PIXELS = 50_000_000
"""The largest sensors of today's telephones; unpacked that is about 200 MB, for a moment."""
QUALITY = 82
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
DEEP_GREY = ("I;16", "I;16L", "I;16B", "I;16N", "I")

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
_one_at_a_time = threading.Lock()


class NotAPhoto(ValueError):
    """No picture we take: the text says why, in one word of ours."""


@dataclass(frozen=True)
class Photo:
    """A picture as we keep it."""

    jpeg: bytes
    width: int
    height: int


def reencode(data: bytes) -> Photo:
    """The picture in `data`, upright, without metadata, at most 1600 px. Raises NotAPhoto, nothing else."""
    if _webp_pixels(data) > MOST_PIXELS:  # Pillow would make room for it when opening it
        raise NotAPhoto("too_many_pixels")
    try:
        with _one_at_a_time, warnings.catch_warnings(action="ignore"):
            return _saved(_plain(_opened(data)))
    except NotAPhoto:
        raise
    except Exception as error:  # decoders fail in many ways on a file made to break them
        raise NotAPhoto("unreadable") from error


def _opened(data: bytes) -> Image.Image:
    """Upright and small; of an animation the first picture."""
    image = Image.open(BytesIO(data), formats=FORMATS)
    if image.width * image.height > MOST_PIXELS:
        raise NotAPhoto("too_many_pixels")
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is unpacked at a fraction of its size
    image.load()
    turn = TURNS.get(_orientation(image))
    small = _without_palette(image)
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return small if turn is None else small.transpose(turn)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # a broken EXIF block is no reason to refuse the picture
        return 1


def _without_palette(image: Image.Image) -> Image.Image:
    if image.mode in DEEP_GREY:
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("P", "PA", "1") or "transparency" in image.info:
        return image.convert("RGBA" if image.mode != "1" else "L")
    return image


def _plain(image: Image.Image) -> Image.Image:
    """Bare RGB on white: a new picture, so that no field of the old file comes along."""
    clean = Image.new("RGB", image.size, "white")
    if "A" in image.getbands() or image.mode in ("La", "RGBa"):
        coloured = image.convert("RGBA")
        clean.paste(coloured, mask=coloured.getchannel("A"))
    else:
        clean.paste(image.convert("RGB"))
    return clean


def _saved(image: Image.Image) -> Photo:
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Photo(out.getvalue(), image.width, image.height)


def lighter(jpeg: bytes, most: int) -> bytes:
    """The same picture in at most `most` bytes, smaller until it fits."""
    side = LONGEST_SIDE
    while len(jpeg) > most and side > 200:
        side = side * 3 // 4
        image = Image.open(BytesIO(jpeg), formats=("JPEG",))
        image.thumbnail((side, side))
        jpeg = _saved(image).jpeg
    return jpeg


def _webp_pixels(data: bytes) -> int:
    """What the header of a WEBP file states; 0 for any other file."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return 0
    kind, body = data[12:16], data[20:30]
    if kind == b"VP8X":
        width, height = (int.from_bytes(body[start : start + 3], "little") + 1 for start in (4, 7))
    elif kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(body[start : start + 2], "little") & 0x3FFF for start in (6, 8))
    return width * height
