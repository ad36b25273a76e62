"""Builders of good and hostile picture files; nothing binary is committed."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

RED, GREEN, BLUE, YELLOW = (220, 20, 20), (20, 200, 20), (20, 20, 220), (230, 220, 20)


def quarters(width: int = 120, height: int = 80) -> Image.Image:
    """A picture that shows which way up it is: red, green over blue, yellow."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation: int, *, place: bool = True) -> bytes:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "SECRETMAKER"
    if place:
        data[0x8825] = {1: "N", 2: (39.0, 54.0, 1.0), 3: "E", 4: (116.0, 24.0, 1.0), 29: "GPSDATE"}
    return data.tobytes()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *between: bytes, pixels: bytes, depth: int = 8) -> bytes:
    """A PNG from its chunks: RGB, with ``between`` before IDAT and ``pixels`` already deflated."""
    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *between,
            chunk(b"IDAT", pixels),
            chunk(b"IEND", b""),
        )
    )


def zeros(count: int) -> bytes:
    """Deflate ``count`` zero bytes without ever holding them: one packed MiB, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    mebibyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(count % (1 << 20))) + packer.flush()
    checksum = struct.pack(">HH", count % 65521, 1)  # Adler-32 of zeros
    return b"\x78\xda" + mebibyte * (count >> 20) + rest + checksum


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def canvas(flags: int, width: int, height: int) -> tuple[bytes, bytes]:
    """A VP8X chunk."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes([flags, 0, 0, 0]) + size


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def heic(width: int, height: int) -> bytes:
    """The outside of a HEIC file, with no picture behind it."""
    extent = box(b"ispe", struct.pack(">III", 0, width, height))
    properties = box(b"iprp", box(b"ipco", extent))
    brands = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    return brands + box(b"meta", bytes(4) + properties) + box(b"mdat", bytes(64))


def segments(jpeg: bytes) -> list[tuple[int, bytes]]:
    """Every segment of a JPEG up to its first scan; written apart from the code under test."""
    found, at = [], 2
    while True:
        marker = jpeg[at + 1]
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        found.append((marker, jpeg[at + 4 : at + 2 + length]))
        if marker == 0xDA:
            return found
        at += 2 + length
