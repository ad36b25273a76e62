"""Good photos come out upright, small and silent; everything else is refused with its reason."""

import hashlib
import importlib
import io
import struct
import subprocess
import sys
import zipfile
import zlib
from importlib.util import find_spec
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageFile, PngImagePlugin

from portal.media import containers, labels
from portal.media.pictures import CleanPicture, PictureLimits, clean
from portal.media.refusals import PictureRefused, Refusal
from tests.unit.media import nasty

LIMITS = PictureLimits(
    max_bytes=8_000_000, max_pixels=50_000_000, long_side=1600, thumbnail_side=400
)
HAS_HEIC = find_spec("pillow_heif") is not None
HEADERS_OF_A_PLAIN_JPEG = {0xE0, 0xDB, 0xC2, 0xC4, 0xDA}


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    return image


def refusal(data: bytes, limits: PictureLimits = LIMITS) -> Refusal:
    with pytest.raises(PictureRefused) as caught:
        clean(data, limits=limits)
    return Refusal(caught.value.code)


def assert_shows_quarters(picture: CleanPicture) -> None:
    image = opened(picture.jpeg)
    width, height = image.size
    corners = {
        (0.25, 0.25): nasty.RED,
        (0.75, 0.25): nasty.GREEN,
        (0.25, 0.75): nasty.BLUE,
        (0.75, 0.75): nasty.YELLOW,
    }
    for (across, down), wanted in corners.items():
        seen = image.getpixel((int(width * across), int(height * down)))
        assert isinstance(seen, tuple)
        assert all(abs(a - b) < 24 for a, b in zip(seen, wanted, strict=True)), (seen, wanted)


def assert_silent(jpeg: bytes) -> None:
    """Nothing but JFIF, tables and pixels; no known word of metadata anywhere."""
    assert {marker for marker, _ in nasty.segments(jpeg)} <= HEADERS_OF_A_PLAIN_JPEG
    for word in (b"Exif", b"GPS", b"ICC_PROFILE", b"adobe", b"xmp", b"SECRET", b"PK\x03\x04"):
        assert word not in jpeg
    image = opened(jpeg)
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    assert not image.getexif()
    assert set(image.info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "progressive",
        "progression",
    }


# --- upright ----------------------------------------------------------------------------------

# How a camera held that way stores the upright picture: the inverse of what EXIF asks for.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(kind: str, orientation: int) -> None:
    upright = nasty.quarters()
    move = STORED[orientation]
    stored = upright if move is None else upright.transpose(move)
    data = nasty.encoded(stored, kind, quality=95, exif=nasty.exif(orientation))
    assert containers.read(data).orientation == orientation

    picture = clean(data, limits=LIMITS)

    assert (picture.width, picture.height) == upright.size
    assert_shows_quarters(picture)
    assert_silent(picture.jpeg)
    assert_silent(picture.thumbnail)


@pytest.mark.parametrize(
    "tiff",
    [
        b"",
        b"II*\0",
        b"MM\0*\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff",
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0",
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x04\0\x01\0\0\0\x06\0\0\0",
    ],
)
def test_broken_exif_is_no_reason_to_refuse(tiff: bytes) -> None:
    assert containers.exif_orientation(tiff) == containers.UPRIGHT
    plain = nasty.encoded(nasty.quarters(), "JPEG", quality=95)
    body = b"Exif\0\0" + tiff
    data = plain[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body + plain[2:]
    assert_shows_quarters(clean(data, limits=LIMITS))


# --- silent -----------------------------------------------------------------------------------


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_survives(kind: str) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">SECRET xmp</x:xmpmeta>'
    options: dict[str, object] = {"exif": nasty.exif(1), "icc_profile": srgb_profile()}
    if kind == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Comment", "SECRET text")
        notes.add_text("More", "SECRET packed text", zip=True)
        notes.add_itxt("XML:com.adobe.xmp", xmp.decode())
        options["pnginfo"] = notes
    else:
        options["xmp"] = xmp
    if kind == "JPEG":
        options["comment"] = "SECRET comment"
    data = nasty.encoded(nasty.quarters(), kind, **options)
    assert b"SECRET" in data  # else this test could not fail

    picture = clean(data, limits=LIMITS)

    assert_silent(picture.jpeg)
    assert_silent(picture.thumbnail)


def test_a_zip_behind_a_jpeg_is_gone() -> None:
    tail = io.BytesIO()
    with zipfile.ZipFile(tail, "w") as archive:
        archive.writestr("SECRET.html", "<script>alert(1)</script>" * 10)
    data = nasty.encoded(nasty.quarters(), "JPEG", quality=95) + tail.getvalue()
    assert zipfile.is_zipfile(io.BytesIO(data))

    picture = clean(data, limits=LIMITS)

    assert not zipfile.is_zipfile(io.BytesIO(picture.jpeg))
    assert_silent(picture.jpeg)
    assert_shows_quarters(picture)


def test_what_hangs_behind_a_png_or_webp_is_gone() -> None:
    for kind in ("PNG", "WEBP"):
        data = nasty.encoded(nasty.quarters(), kind) + b"SECRET <?php tail"
        assert_silent(clean(data, limits=LIMITS).jpeg)


def test_the_film_inside_a_motion_photo_is_left_behind() -> None:
    data = nasty.encoded(nasty.quarters(), "JPEG", quality=95)
    film = nasty.box(b"ftyp", b"mp42SECRET") + nasty.box(b"mdat", b"\xff\xd8\xff" * 100)
    assert_shows_quarters(clean(data + film, limits=LIMITS))


# --- small ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "kept", "thumb"),
    [
        ((4000, 3000), (1600, 1200), (400, 300)),
        ((3000, 4000), (1200, 1600), (300, 400)),
        ((1600, 1600), (1600, 1600), (400, 400)),
        ((120, 80), (120, 80), (120, 80)),
        ((5000, 1), (1600, 1), (400, 1)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_sides_are_limited_and_never_enlarged(
    kind: str, size: tuple[int, int], kept: tuple[int, int], thumb: tuple[int, int]
) -> None:
    picture = clean(nasty.encoded(Image.new("RGB", size, nasty.RED), kind), limits=LIMITS)
    assert (picture.width, picture.height) == opened(picture.jpeg).size == kept
    assert opened(picture.thumbnail).size == thumb
    assert picture.sha256 == hashlib.sha256(picture.jpeg).hexdigest()


def test_a_stream_is_read_to_one_byte_past_the_limit_only() -> None:
    data = nasty.encoded(nasty.quarters(), "PNG")
    exact = PictureLimits(len(data), 10_000_000, 1600, 400)
    assert_shows_quarters(clean(io.BytesIO(data), limits=exact))

    stream = io.BytesIO(data + bytes(1000))
    with pytest.raises(PictureRefused) as caught:
        clean(stream, limits=exact)
    assert caught.value.code == Refusal.TOO_LARGE
    assert stream.tell() == len(data) + 1


@pytest.mark.parametrize(
    "numbers", [(0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, 1), (1, 1, 1, 0), (1, 120_000_001, 1, 1)]
)
def test_limits_that_make_no_sense_are_refused(numbers: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"at (least|most)"):
        PictureLimits(*numbers)


# --- every kind of pixel ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("RGB", "JPEG"),
        ("CMYK", "JPEG"),
        ("RGBA", "PNG"),
        ("P", "PNG"),
        ("RGBA", "WEBP"),
        ("RGB", "WEBP"),
    ],
)
@pytest.mark.parametrize("size", [(120, 80), (2400, 1600)])
def test_colours_survive_every_mode(mode: str, kind: str, size: tuple[int, int]) -> None:
    image = nasty.quarters(*size).convert(mode)
    assert_shows_quarters(clean(nasty.encoded(image, kind, quality=95), limits=LIMITS))


@pytest.mark.parametrize("mode", ["L", "LA", "1", "I;16"])
@pytest.mark.parametrize("side", [64, 1700])
def test_greys_keep_their_lightness(mode: str, side: int) -> None:
    light: Any = {"I;16": 0xC800, "LA": (200, 255), "L": 200, "1": 1}[mode]
    image = Image.new(mode, (side, side), light)
    seen = opened(clean(nasty.encoded(image, "PNG"), limits=LIMITS).jpeg).getpixel((30, 30))
    wanted = 255 if mode == "1" else 200
    assert isinstance(seen, tuple)
    assert all(abs(value - wanted) < 4 for value in seen)


def test_sixteen_bit_colour_is_scaled_not_clipped() -> None:
    row = b"\0" + struct.pack(">HHH", 0xC8FF, 0x32FF, 0x0AFF) * 8
    data = nasty.png(8, 8, pixels=zlib.compress(row * 8), depth=16)
    seen = opened(clean(data, limits=LIMITS).jpeg).getpixel((4, 4))
    assert isinstance(seen, tuple)
    assert all(abs(a - b) < 6 for a, b in zip(seen, (200, 50, 10), strict=True))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparency_becomes_white_paper(kind: str) -> None:
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    seen = opened(clean(nasty.encoded(image, kind), limits=LIMITS).jpeg).getpixel((32, 32))
    assert seen == (255, 255, 255)


def test_keyed_transparency_becomes_white_paper() -> None:
    image = Image.new("P", (64, 64), 0)
    data = nasty.encoded(image, "PNG", transparency=0)
    assert opened(clean(data, limits=LIMITS).jpeg).getpixel((32, 32)) == (255, 255, 255)


def test_an_animated_png_gives_its_still_picture() -> None:
    frames = [Image.new("RGB", (120, 80), nasty.RED) for _ in range(3)]
    data = nasty.encoded(
        nasty.quarters(), "PNG", save_all=True, append_images=frames, default_image=True
    )
    assert b"acTL" in data
    assert_shows_quarters(clean(data, limits=LIMITS))


# --- not a picture ----------------------------------------------------------------------------

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\xff\xd8",
        SVG,
        b'<?xml version="1.0"?>' + SVG,
        b"<!doctype html><h1>photo.jpg</h1>",
        b"%PDF-1.7\n",
        b"PK\x03\x04" + bytes(100),
        nasty.encoded(nasty.quarters(), "GIF"),
        nasty.encoded(nasty.quarters(), "BMP"),
        nasty.encoded(nasty.quarters(), "TIFF"),
        nasty.encoded(nasty.quarters(), "AVIF"),
        nasty.box(b"ftyp", b"mp42\0\0\0\0isom") + bytes(100),
        b" " + nasty.encoded(nasty.quarters(), "JPEG"),
    ],
    ids=[
        "empty",
        "ff",
        "ffd8",
        "svg",
        "xml-svg",
        "html",
        "pdf",
        "zip",
        "gif",
        "bmp",
        "tiff",
        "avif",
        "film",
        "space-before-jpeg",
    ],
)
def test_other_content_is_not_a_picture(data: bytes) -> None:
    assert refusal(data) is Refusal.NOT_A_PICTURE


def test_a_webp_film_is_not_a_picture() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in (nasty.RED, nasty.BLUE)]
    data = nasty.encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    assert b"ANMF" in data
    assert refusal(data) is Refusal.NOT_A_PICTURE


def test_a_jpeg_of_a_kind_no_camera_writes_is_not_a_picture() -> None:
    data = nasty.encoded(nasty.quarters(), "JPEG").replace(b"\xff\xc0", b"\xff\xc3", 1)
    assert refusal(data) is Refusal.NOT_A_PICTURE


# --- damaged ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_file_is_damaged(kind: str, part: float) -> None:
    data = nasty.encoded(nasty.quarters(640, 480), kind)
    assert refusal(data[: int(len(data) * part)]) is Refusal.DAMAGED
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_flipped_bit_in_a_png_is_damaged() -> None:
    data = bytearray(nasty.encoded(nasty.quarters(), "PNG"))
    data[len(data) // 2] ^= 1
    assert refusal(bytes(data)) is Refusal.DAMAGED


def test_a_webp_canvas_that_lies_about_its_frame_is_damaged() -> None:
    frame = nasty.encoded(nasty.quarters(), "WEBP")[20:]
    honest = nasty.webp(nasty.canvas(0, 120, 80), (b"VP8 ", frame))
    assert_shows_quarters(clean(honest, limits=LIMITS))
    for chunks in (
        [nasty.canvas(0, 60, 40), (b"VP8 ", frame)],
        [nasty.canvas(0, 120, 80)],
        [(b"VP8 ", frame), (b"VP8 ", frame)],
    ):
        assert refusal(nasty.webp(*chunks)) is Refusal.DAMAGED


def test_a_second_frame_header_in_a_jpeg_is_damaged() -> None:
    data = nasty.encoded(nasty.quarters(), "JPEG")
    at = data.index(b"\xff\xc0")
    length = int.from_bytes(data[at + 2 : at + 4], "big")
    frame = data[at : at + 2 + length]
    assert refusal(data[:at] + frame + data[at:]) is Refusal.DAMAGED


def test_a_picture_without_area_is_damaged() -> None:
    assert refusal(nasty.png(0, 10, pixels=zlib.compress(b""))) is Refusal.DAMAGED
    assert refusal(nasty.heic(0, 10)) is Refusal.DAMAGED


# --- bombs ------------------------------------------------------------------------------------


def huge_jpeg() -> bytes:
    data = bytearray(nasty.encoded(nasty.quarters(), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    return bytes(data)


def huge_webp_frame(kind: bytes) -> bytes:
    if kind == b"VP8L":
        return nasty.webp((kind, b"\x2f" + struct.pack("<I", 0x3FFF | 0x3FFF << 14) + bytes(20)))
    frame = b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", 0x3FFF, 0x3FFF) + bytes(20)
    return nasty.webp((kind, frame))


@pytest.mark.parametrize(
    "data",
    [
        nasty.png(30_000, 30_000, pixels=zlib.compress(bytes(1000))),
        nasty.png(0xFFFFFFFF, 0xFFFFFFFF, pixels=zlib.compress(bytes(1000))),
        nasty.png(50_000_001, 1, pixels=zlib.compress(bytes(1000))),
        huge_jpeg(),
        huge_webp_frame(b"VP8L"),
        huge_webp_frame(b"VP8 "),
        nasty.heic(60_000, 60_000),
        nasty.heic(0xFFFFFFFF, 0xFFFFFFFF),
    ],
    ids=[
        "png-900mp",
        "png-largest",
        "png-one-over",
        "jpeg",
        "webp-lossless",
        "webp",
        "heic",
        "heic-largest",
    ],
)
def test_too_many_pixels_are_refused_from_the_header(data: bytes) -> None:
    assert refusal(data) is Refusal.TOO_MANY_PIXELS


def test_a_huge_webp_canvas_is_refused() -> None:
    frame = nasty.encoded(nasty.quarters(), "WEBP")[20:]
    lie = nasty.webp(nasty.canvas(0, 1 << 24, 1 << 24), (b"VP8 ", frame))
    assert refusal(lie) is Refusal.DAMAGED  # canvas and frame disagree: never decoded


def test_webp_may_have_a_third_of_the_pixels() -> None:
    exact = PictureLimits(8_000_000, 3 * 120 * 80, 1600, 400)
    assert_shows_quarters(clean(nasty.encoded(nasty.quarters(), "WEBP"), limits=exact))
    assert refusal(nasty.encoded(nasty.quarters(121, 80), "WEBP"), exact) is (
        Refusal.TOO_MANY_PIXELS
    )


def test_a_jpeg_of_a_thousand_scans_is_refused() -> None:
    data = nasty.encoded(nasty.quarters(), "JPEG", progressive=True, quality=95)
    first = data.index(b"\xff\xda")
    second = data.index(b"\xff", first + 2)
    while data[second + 1] in {0, *range(0xD0, 0xD8)}:
        second = data.index(b"\xff", second + 2)
    scan = data[first:second]
    assert refusal(data[:second] + scan * 1000 + data[second:]) is Refusal.DAMAGED


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff" + b"\xff" * 7_000_000,
        b"\xff\xd8" + b"\xff\xfe\0\x02" * 1_700_000,
        b"\x89PNG\r\n\x1a\n"
        + nasty.chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0))
        + nasty.chunk(b"tEXt", b"") * 600_000,
        nasty.webp(*[(b"XXXX", b"")] * 900_000),
        nasty.heic(9, 9)[:20] + nasty.box(b"free", b"") * 900_000,
    ],
    ids=["jpeg-fill", "jpeg-comments", "png-chunks", "webp-chunks", "heic-boxes"],
)
def test_a_million_tiny_parts_are_refused(data: bytes) -> None:
    assert refusal(data) is Refusal.DAMAGED


MEASURED = """
import sys, time
from PIL import Image
from portal.media.pictures import PictureLimits, clean
from portal.media.refusals import PictureRefused
def peak():  # ru_maxrss would inherit the parent's peak
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
Image.init()
data = sys.stdin.buffer.read()
before, began = peak(), time.perf_counter()
try:
    clean(data, limits=PictureLimits(16_000_000, 50_000_000, 1600, 400))
    answer = "taken"
except PictureRefused as refused:
    answer = str(refused.code)
print(answer, time.perf_counter() - began, (peak() - before) / 1024)
"""


def measured(data: bytes) -> tuple[str, float, float]:
    """Clean ``data`` in a fresh process: answer, seconds, MB of memory more than before."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], input=data, capture_output=True, check=True, timeout=60
    )
    answer, seconds, more = done.stdout.decode().split()
    return answer, float(seconds), float(more)


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        # 900 megapixels, complete and honest: the promise G18.
        (nasty.png(30_000, 30_000, pixels=nasty.zeros(30_000 * 90_001)), {"too_many_pixels"}),
        # A tiny picture whose pixel stream inflates to gigabytes.
        (nasty.png(10, 10, pixels=nasty.zeros(3 << 30)), {"damaged", "taken"}),
        # Text and profile chunks that inflate to gigabytes.
        (
            nasty.png(
                10,
                10,
                nasty.chunk(b"zTXt", b"a\0\0" + nasty.zeros(1 << 30)),
                nasty.chunk(b"iCCP", b"a\0\0" + nasty.zeros(1 << 30)),
                nasty.chunk(b"iTXt", b"a\0\1\0\0\0" + nasty.zeros(1 << 30)),
                pixels=zlib.compress(bytes(31 * 10)),
            ),
            {"taken"},
        ),
    ],
    ids=["900-megapixels", "pixel-stream", "text"],
)
def test_bombs_cost_neither_time_nor_memory(data: bytes, answers: set[str]) -> None:
    answer, seconds, more = measured(data)
    assert answer in answers
    assert seconds < 5  # a hang guard, five times the promise
    assert more < 50


def test_the_meter_of_the_bomb_test_sees_memory() -> None:
    side = 5000
    honest = nasty.png(side, side, pixels=nasty.zeros(side * (3 * side + 1)))
    answer, _, more = measured(honest)
    assert answer == "taken"
    assert more > 50


# --- HEIC -------------------------------------------------------------------------------------


@pytest.mark.skipif(HAS_HEIC, reason="the HEIC extra is installed")
def test_without_the_extra_heic_says_so() -> None:
    assert refusal(nasty.heic(4032, 3024)) is Refusal.UNSUPPORTED_HEIC


@pytest.mark.skipif(not HAS_HEIC, reason="the HEIC extra is not installed")
def test_with_the_extra_heic_comes_out_upright_and_silent() -> None:
    pillow_heif = importlib.import_module("pillow_heif")
    # libheif stores the turn in the container; EXIF may repeat it and must not turn twice.
    stored = nasty.quarters(640, 480).transpose(Image.Transpose.ROTATE_90)
    heif = pillow_heif.from_pillow(stored)
    out = io.BytesIO()
    heif.save(out, quality=90, exif=nasty.exif(6))
    picture = clean(out.getvalue(), limits=LIMITS)
    assert (picture.width, picture.height) == (640, 480)
    assert_shows_quarters(picture)
    assert_silent(picture.jpeg)
    assert refusal(nasty.heic(640, 480)) is Refusal.DAMAGED
    assert refusal(out.getvalue()[:-100]) is Refusal.DAMAGED


def test_a_heic_without_a_size_is_damaged() -> None:
    assert refusal(nasty.box(b"ftyp", b"heic\0\0\0\0mif1heic")) is Refusal.DAMAGED


def test_every_refusal_has_its_sentence() -> None:
    assert set(labels.REFUSALS) == set(Refusal)
