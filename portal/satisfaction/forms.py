"""What is asked: is it solved, how was it handled, and what was not right."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (  # type: ignore[attr-defined] # the types lag behind: SelectChoice
    RadioField,
    SelectChoice,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from portal.satisfaction.labels import COMPLAINT, GRADE, SOLVED
from portal.satisfaction.rules import Answer, Complaint, Grade, Solved
from portal.web.fields import ActForm, strip

WORDS = 200


class RateForm(ActForm):
    """The answer; nothing is chosen beforehand but one's own earlier answer."""

    solved = RadioField(
        _l("Is it solved?"),
        choices=[SelectChoice(key.value, label) for key, label in SOLVED.items()],
        validators=[InputRequired(_l("Choose whether it is solved."))],
    )
    grade = RadioField(
        _l("How was it handled?"),
        choices=[SelectChoice(str(int(key)), label) for key, label in GRADE.items()],
        validators=[InputRequired(_l("Choose one of the five faces."))],
    )
    complaints = SelectMultipleField(
        _l("What was not right?"),
        choices=[SelectChoice(key.value, label) for key, label in COMPLAINT.items()],
    )
    words = TextAreaField(
        _l("Anything to add?"),
        validators=[Length(max=WORDS, message=_l("At most 200 characters, please."))],
        filters=[strip],
    )

    @classmethod
    def drawn_for(cls, answer: Answer | None, words: str) -> "RateForm":
        """Return the form with the reader's own earlier answer, if there is one."""
        if answer is None:
            return cls()
        earlier: dict[str, Any] = {
            "solved": answer.solved.value,
            "grade": str(int(answer.grade)),
            "complaints": [complaint.value for complaint in answer.complaints],
            "words": words,
        }
        return cls(data=earlier)

    def answer(self) -> Answer:
        """Return the valid form's answer."""
        return Answer(
            Solved(self.solved.data),
            Grade(int(self.grade.data)),
            tuple(Complaint(word) for word in self.complaints.data or ()),
        )
