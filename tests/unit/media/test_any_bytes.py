"""Anything at all as a picture: taken and silent, or refused with a sentence, never a crash."""

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.media.pictures import clean
from portal.media.refusals import PictureRefused, Refusal
from tests.unit.media import nasty
from tests.unit.media.test_pictures import LIMITS, assert_silent

SEEDS = [
    nasty.encoded(nasty.quarters(24, 16), kind, exif=nasty.exif(6))
    for kind in ("JPEG", "PNG", "WEBP")
] + [nasty.heic(24, 16)]


def taken_or_refused(data: bytes) -> None:
    try:
        picture = clean(data, limits=LIMITS)
    except PictureRefused as refused:
        Refusal(refused.code)  # raises for a code that has no sentence
        return
    assert_silent(picture.jpeg)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(
        [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBP", b"\0\0\0\x18ftypheic"]
    ),
    st.binary(max_size=400),
)
def test_random_bytes_are_refused_never_a_crash(head: bytes, rest: bytes) -> None:
    taken_or_refused(head + rest)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_mangled_pictures_are_taken_or_refused_never_a_crash(
    seed: bytes, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(seed)
    for place, value in changes:
        data[place % len(data)] = value
    taken_or_refused(bytes(data))
