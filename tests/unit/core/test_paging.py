"""A cursor is ours or it is nothing; it never breaks a page."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import paging

NOW = datetime(2026, 11, 25, tzinfo=UTC)


@given(st.lists(st.integers(-paging.MAX_KEY, paging.MAX_KEY) | st.text(), max_size=4))
def test_what_was_written_is_read_again(values: list[int | str]) -> None:
    kinds = [int if isinstance(value, int) else str for value in values]

    found = paging.decode(paging.encode(tuple(values)), *kinds)

    assert found == tuple(values)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_foreign_text_is_nothing(text: str) -> None:
    assert paging.decode(text, datetime, int) is None


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        ((1, 2), (int,)),
        ((True,), (int,)),
        ((2**31,), (int,)),
        (("x",), (int,)),
        ((1,), (str,)),
        (("2026-11-25",), (datetime,)),
        (("never",), (datetime,)),
        (("0001-01-01T00:00:00+14:00",), (datetime,)),
        (("9999-12-31T23:59:59-14:00",), (datetime,)),
    ],
)
def test_values_of_other_kinds_are_nothing(values: tuple[object, ...], kinds: tuple) -> None:
    assert paging.decode(paging.encode(values), *kinds) is None


def test_an_object_instead_of_a_list_is_nothing() -> None:
    assert paging.decode("eyJhIjoxfQ", int) is None
    assert paging.decode(None, int) is None
    assert paging.decode("", int) is None


def test_times_are_read_with_their_zone_only() -> None:
    cursor = paging.encode((NOW.isoformat(), 7))

    assert paging.decode(cursor, datetime, int) == (NOW.isoformat(), 7)
    assert paging.as_time(NOW.isoformat()) == NOW
    assert paging.as_time("2026-11-25T00:00:00") is None


@given(st.integers(0, 30), st.integers(1, 10))
def test_pages_show_every_row_once(count: int, size: int) -> None:
    rows, seen, after = list(range(count)), [], -1
    while True:
        fetched = [row for row in rows if row > after][: size + 1]
        page = paging.cut(fetched, size, lambda row: (row,))
        seen += list(page.items)
        if page.next_cursor is None:
            break
        found = paging.decode(page.next_cursor, int)
        assert found is not None
        after = int(found[0])

    assert seen == rows


def test_a_cursor_nested_beyond_measure_is_nothing() -> None:
    assert paging.decode(base64.urlsafe_b64encode(b"[" * 5000).decode(), int) is None
