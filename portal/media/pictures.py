"""Turn whatever a phone sends into a small, upright JPEG that says nothing but its pixels.

The order is the protection: count the bytes, recognise the format by its content, read the size
from the header and judge it, and only then decode. Nothing of the received file is ever served:
the pixels are drawn on a fresh canvas and encoded anew, so that position, camera, comments and
anything hidden behind the picture cannot travel along (trust.md, faults 13 and 14).
"""

import hashlib
import importlib
import io
import threading
import warnings
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from portal.media import containers
from portal.media.containers import Format, Outline
from portal.media.refusals import PictureRefused, Refusal

# Pillow's own guard is the second lock behind ours. Its warning must stop the decode, and a cut
# file must not be filled up with grey (ImageFile.LOAD_TRUNCATED_IMAGES stays False, its default;
# the tests of cut files hold that).
MOST_PIXELS = 120_000_000
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)

# Craft, not policy: good enough to read a house number, small enough for a slow phone.
JPEG_QUALITY = 82
THUMBNAIL_QUALITY = 75

# EXIF orientation -> the move that puts the picture upright.
_UPRIGHT_MOVES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow decodes WebP through a film decoder that holds the picture three times over.
_COPIES = {Format.WEBP: 3}
# Decoding fills memory: one picture at a time in each process, so the bound is that of one.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What is taken in and what is kept; the numbers come from the rulebook.

    ``max_bytes``: largest upload, in bytes. ``max_pixels``: largest width by height (a
    third of it for WebP, whose decoder needs three times the memory). ``long_side``
    and ``thumbnail_side``: longest side of what is kept, in pixels; smaller pictures stay as
    they are.
    """

    max_bytes: int
    max_pixels: int
    long_side: int
    thumbnail_side: int

    def __post_init__(self) -> None:
        """Refuse numbers under which no picture, or any picture, would pass."""
        if min(self.max_bytes, self.max_pixels, self.long_side, self.thumbnail_side) < 1:
            raise ValueError("Every picture limit must be at least 1.")
        if self.max_pixels > MOST_PIXELS:
            raise ValueError(f"max_pixels must be at most {MOST_PIXELS}.")


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A picture fit to be kept and shown: two JPEGs, the size and the SHA-256 of the large one."""

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int
    sha256: str


def clean(data: bytes | BinaryIO, *, limits: PictureLimits) -> CleanPicture:
    """Decode ``data`` and encode it anew: upright, sRGB numbers, downsized, without metadata.

    Slow (up to a second or two for the largest photos): call it outside any transaction.
    Raises PictureRefused with the reason.
    """
    outline = containers.read(_read(data, limits.max_bytes))
    if outline.pixels * _COPIES.get(outline.format, 1) > limits.max_pixels:
        raise PictureRefused(Refusal.TOO_MANY_PIXELS)
    try:
        with _one_at_a_time:
            picture = _draw(outline, limits)
    except PictureRefused:
        raise
    except Exception as error:  # decoders answer hostile bytes with every kind of exception
        raise PictureRefused(Refusal.DAMAGED) from error
    jpeg = _encode(picture, JPEG_QUALITY)
    small = picture.resize(_fit(picture.size, limits.thumbnail_side), Image.Resampling.LANCZOS)
    return CleanPicture(
        jpeg=jpeg,
        thumbnail=_encode(small, THUMBNAIL_QUALITY),
        width=picture.width,
        height=picture.height,
        sha256=hashlib.sha256(jpeg).hexdigest(),
    )


def _read(data: bytes | BinaryIO, max_bytes: int) -> bytes:
    """Return all bytes; one byte past the limit is enough to refuse, the rest is never read."""
    content = data if isinstance(data, bytes) else data.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise PictureRefused(Refusal.TOO_LARGE)
    return content


def _draw(outline: Outline, limits: PictureLimits) -> Image.Image:
    """Return the picture upright and downsized, as RGB on a fresh white canvas."""
    with _open(outline, limits) as source:
        target = _fit(source.size, limits.long_side)
        source.draft(None, target)  # a JPEG decodes at 1/2, 1/4 or 1/8 size for a fraction
        image = _plain_mode(source)
        if image.size != target:
            image = image.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)
        canvas = Image.new("RGB", target, "white")
        if image.mode in {"LA", "RGBA"}:
            image = image.convert("RGBA")
            canvas.paste(image, mask=image)
        else:
            canvas.paste(image.convert("RGB"))
    move = _UPRIGHT_MOVES.get(outline.orientation)
    return canvas if move is None else canvas.transpose(move)


def _open(outline: Outline, limits: PictureLimits) -> Image.Image:
    if outline.format is Format.HEIC:
        return _open_heic(outline, limits)
    source = Image.open(io.BytesIO(outline.to_decode()), formats=(outline.format.value,))
    if source.size != (outline.width, outline.height):
        # Decoder and outline disagree about the size that was judged.
        raise PictureRefused(Refusal.DAMAGED)
    return source


def _open_heic(outline: Outline, limits: PictureLimits) -> Image.Image:
    try:
        pillow_heif = importlib.import_module("pillow_heif")  # an extra; not everyone has it
    except ImportError as error:
        raise PictureRefused(Refusal.UNSUPPORTED_HEIC) from error
    heif = pillow_heif.open_heif(io.BytesIO(outline.to_decode()))
    width, height = heif.size
    if width * height > limits.max_pixels:
        raise PictureRefused(Refusal.TOO_MANY_PIXELS)
    picture: Image.Image = heif.to_pillow()
    return picture


def _plain_mode(source: Image.Image) -> Image.Image:
    """Bring palette, bilevel, 16-bit and keyed transparency into a mode that can be resized."""
    if source.mode.startswith("I"):  # 16-bit grey; convert() would clip instead of scaling
        source = source.point(lambda value: value * (1 / 256)).convert("L")
    if source.mode not in {"LA", "RGBA"} and source.has_transparency_data:
        return source.convert("RGBA")
    if source.mode in {"1", "P"}:
        return source.convert("RGB")
    return source


def _fit(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    """Return ``size`` shrunk, never enlarged, so that its longer side is at most ``long_side``."""
    width, height = size
    scale = min(1.0, long_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _encode(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
