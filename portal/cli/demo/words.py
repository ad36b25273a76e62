"""Words that the story's chapters share: how long ago, who, and what they answered."""

from datetime import timedelta

from portal.satisfaction.rules import Answer, Complaint, Grade, Solved

VERY = Answer(Solved.YES, Grade.VERY_SATISFIED)
WELL = Answer(Solved.YES, Grade.SATISFIED)
SO_SO = Answer(Solved.PARTLY, Grade.BASICALLY)
NO = Answer(Solved.NO, Grade.DISSATISFIED, (Complaint.UNSOLVED, Complaint.SLOW))


def minutes(count: float) -> timedelta:
    """Return so many minutes."""
    return timedelta(minutes=count)


def hours(count: float) -> timedelta:
    """Return so many hours."""
    return timedelta(hours=count)


def days(count: float) -> timedelta:
    """Return so many days."""
    return timedelta(days=count)


def neighbours(first: int, last: int) -> list[str]:
    """Return the keys of some unnamed neighbours."""
    return [f"neighbour{number}" for number in range(first, last + 1)]
