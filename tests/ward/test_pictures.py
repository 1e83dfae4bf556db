"""Pictures from outside: hostile files are refused, what is kept has nothing of the old file."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from ward.pictures import LONGEST_SIDE, MOST_PIXELS, NotAPhoto, reencode

SECRET = b"10.4571N-105.6327E so nha 12"
GPS = {1: "N", 2: (10.0, 27.0, 25.0), 3: "E", 4: (105.0, 37.0, 57.0)}


def street(width: int = 320, height: int = 200, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right, so that a turn shows."""
    image = Image.new("RGB", (width, height), "red")
    ImageDraw.Draw(image).rectangle((width // 2, 0, width, height), fill="blue")
    return image.convert(mode)


def as_file(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(BytesIO(jpeg))
    image.load()
    return image


def near(pixel: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(is_ - want) < 40 for is_, want in zip(pixel, wanted, strict=True))


RED, BLUE, WHITE = (254, 0, 0), (0, 0, 254), (255, 255, 255)


# ── what is taken ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_four_formats_become_a_jpeg(kind: str) -> None:
    photo = reencode(as_file(street(), kind))
    image = opened(photo.jpeg)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (320, 200))
    assert (photo.width, photo.height) == (320, 200)
    assert near(image.getpixel((20, 100)), RED)
    assert near(image.getpixel((300, 100)), BLUE)


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "YCbCr"])
def test_colours_of_every_kind_of_jpeg_and_grey(mode: str) -> None:
    data = as_file(street(mode=mode), "PNG" if mode == "1" else "JPEG")
    assert opened(reencode(data).jpeg).mode == "RGB"
    if mode in ("CMYK", "YCbCr"):
        assert near(opened(reencode(data).jpeg).getpixel((20, 100)), RED)


@pytest.mark.parametrize("mode", ["P", "RGBA", "LA", "RGB"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_palettes_and_transparency(kind: str, mode: str) -> None:
    image = street().convert("P") if mode == "P" else street(mode=mode)
    if kind == "WEBP" and mode in ("P", "LA"):
        image = image.convert("RGBA")
    assert opened(reencode(as_file(image, kind)).jpeg).mode == "RGB"


def test_what_shows_through_is_white() -> None:
    image = street(mode="RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    assert near(opened(reencode(as_file(image, "PNG")).jpeg).getpixel((20, 100)), WHITE)
    with_hole = as_file(Image.new("RGB", (50, 50), (9, 9, 9)), "PNG", transparency=(9, 9, 9))
    assert near(opened(reencode(with_hole).jpeg).getpixel((20, 20)), WHITE)


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    image = Image.new("I;16", (64, 64), 128 * 256)
    pixel = opened(reencode(as_file(image, "PNG")).jpeg).getpixel((30, 30))
    assert near(pixel, (128, 128, 128))


def test_sixteen_bits_of_colour() -> None:
    row = b"\x00" + struct.pack(">HHH", 65535, 0, 0) * 40
    data = png(40, 40, zlib.compress(row * 40), depth=16)
    assert near(opened(reencode(data).jpeg).getpixel((20, 20)), RED)


@pytest.mark.parametrize(("size", "kept"), [
    ((4000, 3000), (1600, 1200)), ((900, 3600), (400, 1600)), ((1600, 1600), (1600, 1600)),
    ((40_000, 10), (1600, 1)), ((3, 3), (3, 3)),
])  # fmt: skip
def test_nothing_is_larger_than_1600(size: tuple[int, int], kept: tuple[int, int]) -> None:
    photo = reencode(as_file(street(*size)))
    assert (photo.width, photo.height) == kept == opened(photo.jpeg).size
    assert max(kept) <= LONGEST_SIDE


@pytest.mark.parametrize(("orientation", "left_top"), [
    (1, RED), (2, BLUE), (3, BLUE), (4, RED), (5, RED), (6, RED), (7, BLUE), (8, BLUE),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stands_upright(kind: str, orientation: int, left_top: tuple[int, int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = reencode(as_file(street(), kind, exif=exif))
    assert (photo.width, photo.height) == ((320, 200) if orientation < 5 else (200, 320))
    assert near(opened(photo.jpeg).getpixel((20, 20)), left_top)


def test_of_an_animation_the_first_picture() -> None:
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("red", "blue", "white")]
    for kind in ("GIF", "WEBP", "PNG"):
        data = as_file(frames[0], kind, save_all=True, append_images=frames[1:])
        assert near(opened(reencode(data).jpeg).getpixel((30, 30)), RED), kind


# ── what does not come along ────────────────────────────────────────────────────────────────────


def described(kind: str) -> bytes:
    """A picture with a place in its EXIF block, a profile, a comment and words of every kind."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x8825] = GPS
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", SECRET.decode())
    words.add_itxt("Location", SECRET.decode(), zip=True)
    more = {"JPEG": {"comment": SECRET}, "PNG": {"pnginfo": words}, "WEBP": {"xmp": SECRET}}[kind]
    return as_file(street(), kind, exif=exif, icc_profile=b"profile " + SECRET, **more)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_places_profiles_and_comments_are_gone(kind: str) -> None:
    data = described(kind)
    before = Image.open(BytesIO(data))
    assert before.getexif().get_ifd(0x8825)[2] == GPS[2]
    assert SECRET in data
    jpeg = reencode(data).jpeg
    for mark in (SECRET, b"Exif", b"GPS", b"ICC_PROFILE", b"http://ns.adobe.com", b"profile"):
        assert mark not in jpeg
    after = opened(jpeg)
    assert not after.getexif()
    assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_only_the_segments_of_a_bare_jpeg_are_written() -> None:
    assert segments(reencode(described("JPEG")).jpeg) <= {0xE0, 0xDB, 0xC0, 0xC2, 0xC4, 0xDA}


def segments(jpeg: bytes) -> set[int]:
    found, at = set(), 2
    while at < len(jpeg) and jpeg[at] == 0xFF:
        found.add(jpeg[at + 1])
        if jpeg[at + 1] == 0xDA:
            return found
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


@pytest.mark.parametrize("tail", [
    b"<script>alert(1)</script>", b"PK\x03\x04 a zip behind it", b"<?php system($_GET[0]); ?>", b"%PDF-1.7",
])  # fmt: skip
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_a_picture_that_is_something_else_too_is_only_a_picture(kind: str, tail: bytes) -> None:
    assert tail not in reencode(as_file(street(), kind) + tail).jpeg
    if kind == "JPEG":
        assert tail not in reencode(as_file(street(), kind, comment=tail)).jpeg


# ── what is refused ─────────────────────────────────────────────────────────────────────────────

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def png(width: int, height: int, body: bytes, depth: int = 8) -> bytes:
    """A PNG that states any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def gif(width: int, height: int) -> bytes:
    """A GIF whose only frame is as large as it says."""
    size = struct.pack("<HH", width, height)
    return b"GIF89a" + size + b"\x80\x00\x00" + b"\0" * 6 + b"," + b"\0" * 4 + size + b"\0\x02\x01\x00\x00;"


def webp(kind: bytes, body: bytes) -> bytes:
    chunk = kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def huge_jpeg() -> bytes:
    data = bytearray(as_file(street()))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 65_500, 65_500)
    return bytes(data)


SIDE = 16_000
BOMBS = {
    "png": png(30_000, 30_000, zlib.compress(b"\0" * 1_000_000, 9)),
    "png beyond belief": png(2**31 - 1, 2**31 - 1, zlib.compress(b"\0")),
    "gif": gif(65_000, 65_000),
    "jpeg": huge_jpeg(),
    "webp extended": webp(b"VP8X", b"\x10\0\0\0" + (SIDE - 1).to_bytes(3, "little") * 2),
    "webp lossless": webp(
        b"VP8L", b"\x2f" + ((SIDE - 1) | (SIDE - 1) << 14).to_bytes(4, "little") + b"\0" * 8
    ),
    "webp lossy": webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", SIDE, SIDE) + b"\0" * 8),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_is_unpacked(name: str) -> None:
    with pytest.raises(NotAPhoto, match="too_many_pixels|unreadable"):
        reencode(BOMBS[name])


MEASURE = """
import resource, sys
from ward.pictures import NotAPhoto, reencode
most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
data, before = sys.stdin.buffer.read(), most()
try:
    reencode(data)
except NotAPhoto as refused:
    print(most() - before, refused)
"""


def test_no_bomb_takes_memory() -> None:
    """Measured in a process of its own, where nothing else grows."""
    for data in BOMBS.values():
        done = subprocess.run([sys.executable, "-c", MEASURE], input=data, capture_output=True, check=True)
        kilobytes, _why = done.stdout.split()
        assert int(kilobytes) < 40_000


def test_a_real_bomb_of_a_few_kilobytes() -> None:
    width = 12_000
    row = b"\0" * (1 + 3 * width)
    pack = zlib.compressobj(9)
    body = b"".join(pack.compress(row) for _ in range(width)) + pack.flush()
    assert len(body) < 1_000_000 < MOST_PIXELS < width * width
    with pytest.raises(NotAPhoto, match="too_many_pixels|unreadable"):
        reencode(png(width, width, body))


def test_ten_thousand_frames_cost_one() -> None:
    frame = as_file(Image.new("P", (8, 8)), "GIF")
    at = frame.index(b",")
    many = frame[:at] + frame[at:-1] * 10_000 + b";"
    assert reencode(many).width == 8


def test_words_unpacked_from_a_chunk_are_limited() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("x", "a" * 90_000_000, zip=True)
    with pytest.raises(NotAPhoto):
        reencode(as_file(street(), "PNG", pnginfo=words))


WRONG = {
    "nothing": b"",
    "svg": SVG,
    "svg that says it is xml": b'<?xml version="1.0"?>' + SVG,
    "html": b"<!doctype html><img src=x onerror=alert(1)>",
    "pdf": b"%PDF-1.7\n1 0 obj",
    "text": "một hai ba".encode(),
    "zip": b"PK\x03\x04" + b"\0" * 100,
    "tiff": as_file(street(), "TIFF"),
    "bmp": as_file(street(), "BMP"),
    "ico": as_file(street(64, 64), "ICO"),
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "jpeg 2000": as_file(street(), "JPEG2000"),
    "avif": as_file(street(), "AVIF"),
    "only a beginning": b"\xff\xd8\xff",
    "a name of ours": b"RIFF\0\0\0\0WEBPVP8X",
}


@pytest.mark.parametrize("name", WRONG)
def test_other_files_are_refused(name: str) -> None:
    with pytest.raises(NotAPhoto):
        reencode(WRONG[name])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_cut_short_is_refused(kind: str) -> None:
    whole = as_file(Image.effect_noise((200, 200), 90).convert("RGB"), kind)
    for length in (12, 40, len(whole) // 2, len(whole) - 40):
        with pytest.raises(NotAPhoto):
            reencode(whole[:length])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_with_any_byte_changed_is_a_photo_or_refused(kind: str) -> None:
    whole = described(kind) if kind != "GIF" else as_file(street(), kind)
    for at in range(0, min(len(whole), 1200), 7):
        broken = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        try:
            jpeg = reencode(broken).jpeg
        except NotAPhoto:
            continue
        assert opened(jpeg).mode == "RGB"
        assert SECRET not in jpeg


def test_a_broken_exif_block_does_not_cost_the_picture() -> None:
    data = as_file(street(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 30)
    assert reencode(data).width == 320
