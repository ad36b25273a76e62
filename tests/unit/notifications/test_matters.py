"""The table of matters is whole: every row has its sentence, and its letter where it mails."""

from pathlib import Path

import pytest

from portal.notifications.labels import SENTENCES
from portal.notifications.matters import MATTERS, Matter

EMAILS = Path(__file__).resolve().parents[3] / "templates" / "emails"


@pytest.mark.parametrize(
    "matter", MATTERS, ids=lambda matter: f"{matter.name}-{matter.event.__name__}"
)
def test_every_matter_can_be_worded(matter: Matter) -> None:
    assert matter.name in SENTENCES
    for part in ("subject.txt", "body.txt"):
        assert not matter.mail or (EMAILS / matter.name / part).is_file()


def test_no_sentence_and_no_letter_is_left_over() -> None:
    assert set(SENTENCES) == {matter.name for matter in MATTERS}
    letters = {str(file.parent.relative_to(EMAILS)) for file in EMAILS.rglob("body.txt")}
    assert letters == {matter.name for matter in MATTERS if matter.mail} | {"accounts/code"}
