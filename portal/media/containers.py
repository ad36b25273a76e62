"""Read the outside of a picture file without decoding a single pixel.

What a file is called and what its sender says it is do not matter: the first bytes decide. Each
reader walks the parts of one format (JPEG segments, PNG chunks, WebP chunks, HEIC boxes), finds
the size that the decoder will be asked to fill, and collects only the parts that carry pixels.
Comments, profiles, animation, embedded previews and whatever hangs behind the end of the picture
are left behind here, so that the decoder never meets them. The one thing taken out of the
metadata is which way up the camera was held.

Every walk is bounded: its cost depends on the number of parts, and that is capped.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from portal.media.refusals import PictureRefused, Refusal

# Ordinary files stay far below these; a file beyond them was built to keep a decoder busy.
MOST_JPEG_SEGMENTS = 4096
# A camera writes one scan, a progressive encoder about ten. Each further scan costs the decoder a
# pass over the whole picture, and an empty one takes a dozen bytes: the slow-picture attack.
MOST_JPEG_SCANS = 64
MOST_CHUNKS = 20_000

ORIENTATIONS = range(1, 9)
UPRIGHT = 1


class Format(StrEnum):
    """The accepted formats, spelled as Pillow names its decoders."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    HEIC = "HEIF"


@dataclass(frozen=True, slots=True)
class Outline:
    """What the outside of a file says, and the parts worth decoding.

    ``width`` and ``height`` are pixels as stored, before ``orientation`` (EXIF values 1 to 8) is
    applied.
    """

    format: Format
    width: int
    height: int
    orientation: int
    parts: tuple[bytes | memoryview, ...]

    @property
    def pixels(self) -> int:
        """Pixels that decoding would fill."""
        return self.width * self.height

    def to_decode(self) -> bytes:
        """Return the slimmed file for the decoder."""
        return b"".join(self.parts)


def read(data: bytes) -> Outline:
    """Outline ``data``.

    Raises PictureRefused: ``not_a_picture`` when no accepted format is recognised, ``damaged``
    when the format is known but its structure is broken.
    """
    if data.startswith(b"\xff\xd8\xff"):
        reader = _read_jpeg
    elif data.startswith(_PNG_SIGNATURE):
        reader = _read_png
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        reader = _read_webp
    elif _is_heic(data):
        reader = _read_heic
    else:
        raise PictureRefused(Refusal.NOT_A_PICTURE)
    try:
        outline = reader(data)
    except (struct.error, IndexError) as error:  # ran past the end of the file
        raise PictureRefused(Refusal.DAMAGED) from error
    if outline.width < 1 or outline.height < 1:
        raise PictureRefused(Refusal.DAMAGED)
    return outline


# --- JPEG (ITU T.81 annex B) -------------------------------------------------------------------

_START_OF_IMAGE = b"\xff\xd8"
_END_OF_IMAGE = b"\xff\xd9"
_SOF_ACCEPTED = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: what cameras write
_SOF_OTHER = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_SOS, _EOI = 0xDA, 0xD9
_APP1 = 0xE1
_FILL = 0xFF  # begins a marker and may be repeated before it
_LENGTH_FIELD = 2  # bytes; a segment's length counts its own field
_JPEG_KEPT = _SOF_ACCEPTED | {0xC4, 0xDB, 0xDD, _SOS}  # and Huffman, quantisation, restarts
_JPEG_COLOUR = {(0xE0, b"JFIF\0"), (0xEE, b"Adobe")}
# Inside a scan FF is followed by 00 (a literal FF), a restart marker or a fill byte.
_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


def _read_jpeg(data: bytes) -> Outline:
    view = memoryview(data)
    size: tuple[int, int] | None = None
    orientation: int | None = None
    parts: list[bytes | memoryview] = [_START_OF_IMAGE]
    scans = 0
    for marker, start, end in _jpeg_segments(data):
        body = data[start + 4 : start + 10]
        if marker in _SOF_OTHER:
            raise PictureRefused(Refusal.NOT_A_PICTURE)
        if marker in _SOF_ACCEPTED:
            if size is not None:
                raise PictureRefused(Refusal.DAMAGED)
            height, width = struct.unpack_from(">HH", body, 1)
            size = (width, height)
        if marker == _APP1 and orientation is None and body == b"Exif\0\0":
            orientation = exif_orientation(data[start + 10 : end])
        scans += marker == _SOS
        # JFIF and Adobe decide how the colours are to be read, so they stay.
        if marker in _JPEG_KEPT or (marker, body[:5]) in _JPEG_COLOUR:
            parts.append(view[start:end])
    if size is None or not 1 <= scans <= MOST_JPEG_SCANS:
        raise PictureRefused(Refusal.DAMAGED)
    return Outline(Format.JPEG, *size, orientation or UPRIGHT, (*parts, _END_OF_IMAGE))


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each segment, a scan with its data, up to the end marker."""
    at = len(_START_OF_IMAGE)
    for _ in range(MOST_JPEG_SEGMENTS):
        at, marker = _jpeg_marker(data, at)
        if marker == _EOI:
            return
        end = at + 2 + _jpeg_length(data, at + 2)
        if marker == _SOS:
            found = _NEXT_MARKER.search(data, end)
            if found is None:
                break
            end = found.start()
        yield marker, at, end
        at = end
    raise PictureRefused(Refusal.DAMAGED)


def _jpeg_marker(data: bytes, at: int) -> tuple[int, int]:
    """Return where the marker that begins at ``at`` starts, fill bytes skipped, and its code."""
    if data[at] != _FILL:
        raise PictureRefused(Refusal.DAMAGED)
    while data[at + 1] == _FILL:
        at += 1
    return at, data[at + 1]


def _jpeg_length(data: bytes, at: int) -> int:
    (length,) = struct.unpack_from(">H", data, at)
    if length < _LENGTH_FIELD or at + length > len(data):
        raise PictureRefused(Refusal.DAMAGED)
    return int(length)


# --- PNG (W3C PNG third edition) ---------------------------------------------------------------

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


def _read_png(data: bytes) -> Outline:
    view = memoryview(data)
    size: tuple[int, int] | None = None
    orientation = UPRIGHT
    parts: list[bytes | memoryview] = [_PNG_SIGNATURE]
    at = len(_PNG_SIGNATURE)
    for _ in range(MOST_CHUNKS):
        length, kind = struct.unpack_from(">I4s", data, at)
        body_end = at + 8 + length
        (checksum,) = struct.unpack_from(">I", data, body_end)
        if (kind == b"IHDR") != (size is None):
            raise PictureRefused(Refusal.DAMAGED)
        if kind == b"IHDR":
            size = struct.unpack_from(">II", data, at + 8)
        if kind == b"eXIf":
            orientation = exif_orientation(data[at + 8 : body_end])
        if kind in _PNG_KEPT:
            if zlib.crc32(view[at + 4 : body_end]) != checksum:
                raise PictureRefused(Refusal.DAMAGED)
            parts.append(view[at : body_end + 4])
        if kind == b"IEND" and size is not None:
            return Outline(Format.PNG, *size, orientation, tuple(parts))
        at = body_end + 4
    raise PictureRefused(Refusal.DAMAGED)


# --- WebP (RFC 9649) ---------------------------------------------------------------------------

_WEBP_KEPT = {b"VP8X", b"ALPH", b"VP8 ", b"VP8L"}
_VP8X_ALPHA, _VP8X_ANIMATION = 0x10, 0x02


def _read_webp(data: bytes) -> Outline:
    orientation = UPRIGHT
    sizes: list[tuple[int, int]] = []
    frames = 0
    parts: list[bytes | memoryview] = []
    for kind, body in _webp_chunks(data):
        if kind in {b"ANIM", b"ANMF"} or (kind == b"VP8X" and body[0] & _VP8X_ANIMATION):
            raise PictureRefused(Refusal.NOT_A_PICTURE)  # a film, not a photograph
        if kind == b"EXIF":
            orientation = exif_orientation(bytes(body).removeprefix(b"Exif\0\0"))
        if kind in _WEBP_KEPT:
            kept: bytes | memoryview = body
            if kind == b"VP8X":  # the flags must not promise chunks that are left behind
                kept = bytes([body[0] & _VP8X_ALPHA]) + bytes(body[1:])
            frames += kind in {b"VP8 ", b"VP8L"}
            if kind != b"ALPH":
                sizes.append(_webp_size(kind, body))
            parts += [kind, struct.pack("<I", len(body)), kept, b"\0" * (len(body) % 2)]
    # Exactly one frame, and a canvas, if there is one, of its size: all else lies about the size.
    if frames != 1 or len(set(sizes)) != 1:
        raise PictureRefused(Refusal.DAMAGED)
    header = struct.pack("<4sI4s", b"RIFF", 4 + sum(len(part) for part in parts), b"WEBP")
    return Outline(Format.WEBP, *sizes[0], orientation, (header, *parts))


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    (riff_length,) = struct.unpack_from("<I", data, 4)
    end = 8 + riff_length
    if end > len(data):
        raise PictureRefused(Refusal.DAMAGED)
    view = memoryview(data)
    at = 12
    for _ in range(MOST_CHUNKS):
        if at >= end:
            return
        kind, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > end:
            raise PictureRefused(Refusal.DAMAGED)
        yield kind, view[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    raise PictureRefused(Refusal.DAMAGED)


def _webp_size(kind: bytes, body: memoryview) -> tuple[int, int]:
    if kind == b"VP8X":  # two 24-bit numbers, each one less than the size
        return (
            1 + int.from_bytes(body[4:7], "little"),
            1 + int.from_bytes(body[7:10], "little"),
        )
    if kind == b"VP8L":  # one signature byte, then 14 + 14 bits, each one less than the size
        (bits,) = struct.unpack_from("<I", body, 1)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    # VP8: frame tag (3 bytes), start code (3), then 14 bits of size and 2 of scale, twice
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF


# --- HEIC (ISO/IEC 23008-12) -------------------------------------------------------------------

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}


def _is_heic(data: bytes) -> bool:
    """Whether the brands, main or compatible, promise a still HEVC picture."""
    if data[4:8] != b"ftyp":
        return False
    brands = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
    return any(brands[i : i + 4] in _HEIC_BRANDS for i in range(0, len(brands), 4))


def _read_heic(data: bytes) -> Outline:
    view = memoryview(data)
    sizes = [
        struct.unpack_from(">II", spatial_extent, 4)
        for meta in _boxes(view, b"meta")
        for properties in _boxes(meta[4:], b"iprp")
        for container in _boxes(properties, b"ipco")
        for spatial_extent in _boxes(container, b"ispe")
    ]
    if not sizes:
        raise PictureRefused(Refusal.DAMAGED)
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    # The decoder turns HEIC itself (irot, imir); turning again by EXIF would tip it over.
    return Outline(Format.HEIC, width, height, UPRIGHT, (data,))


def _boxes(view: memoryview, wanted: bytes) -> Iterator[memoryview]:
    """Yield the content of each box of the wanted kind that lies directly in ``view``."""
    at = 0
    for _ in range(MOST_CHUNKS):
        if at >= len(view):
            return
        length, kind = struct.unpack_from(">I4s", view, at)
        header = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", view, at + 8)
            header = 16
        elif length == 0:
            length = len(view) - at
        if length < header or at + length > len(view):
            raise PictureRefused(Refusal.DAMAGED)
        if kind == wanted:
            yield view[at + header : at + length]
        at += length
    raise PictureRefused(Refusal.DAMAGED)


# --- EXIF --------------------------------------------------------------------------------------

_ORIENTATION_TAG = 0x0112
_SHORT = 3


def exif_orientation(tiff: bytes) -> int:
    """Return which way the camera was held (EXIF tag 0x0112, 1 to 8); 1 when it cannot be read.

    Broken EXIF is common in good photos, so it is never a reason to refuse one.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return UPRIGHT
    try:
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, directory)
        for entry in range(directory + 2, directory + 2 + 12 * count, 12):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
            if tag == _ORIENTATION_TAG:
                return value if kind == _SHORT and value in ORIENTATIONS else UPRIGHT
    except struct.error:
        pass
    return UPRIGHT
