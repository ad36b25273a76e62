"""References that people read on a slip and say on the phone."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from portal.core import ids

REFS = st.datetimes(datetime(2020, 1, 1), datetime(2099, 12, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - bounds
    ids.new_ref
)


@given(REFS)
def test_a_new_reference_is_one(ref: str) -> None:
    assert len(ref) == ids.REF_LENGTH
    assert ids.is_ref(ref)


@given(REFS, st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(ref: str, at: int, by: int) -> None:
    wrong = ref[:at] + str((int(ref[at]) + by) % 10) + ref[at + 1 :]

    assert not ids.is_ref(wrong)


@given(REFS, st.integers(0, 10))
def test_two_neighbours_swapped_are_caught_but_for_09(ref: str, at: int) -> None:
    pair = ref[at : at + 2]
    wrong = ref[:at] + pair[::-1] + ref[at + 2 :]

    assert ids.is_ref(wrong) == (wrong == ref or set(pair) == {"0", "9"})


def test_the_month_is_that_of_shanghai() -> None:
    assert ids.new_ref(datetime(2026, 11, 30, 15, 59, tzinfo=UTC)).startswith("2611")
    assert ids.new_ref(datetime(2026, 11, 30, 16, 0, tzinfo=UTC)).startswith("2612")


@given(st.text())
def test_any_text_is_judged_without_fault(text: str) -> None:
    assert isinstance(ids.is_ref(text), bool)
    assert isinstance(ids.is_ref(ids.normalise_ref(text)), bool)


def test_other_scripts_digits_are_no_reference() -> None:
    assert not ids.is_ref("٢٦١١٠٠٠٠٠٠٠٠")
    assert not ids.is_ref("2611000000")
    assert not ids.is_ref("26110000000x")


def test_a_reference_may_be_typed_with_spaces_and_dashes() -> None:
    assert ids.normalise_ref(" 2611-0000 0008") == "261100000008"


def test_tokens_differ_and_hashes_depend_on_key_and_purpose() -> None:
    assert ids.token() != ids.token()
    assert ids.keyed_hash("k", "code", "1") == ids.keyed_hash("k", "code", "1")
    assert ids.keyed_hash("k", "code", "1") != ids.keyed_hash("k", "phone", "1")
    assert ids.keyed_hash("k", "code", "1") != ids.keyed_hash("j", "code", "1")
