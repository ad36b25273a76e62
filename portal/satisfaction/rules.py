"""How a round is judged, in integers only (product §5).

* An opinion is a vote that says whether it is solved; "don't know" takes part without one.
* Satisfied is an opinion that says solved or partly, with grade 基本满意 or better.
* The reporter's 没解决 fails the round. So does a share of the supporters on the roll saying it;
  the share is taken of the roll, so that silence never weighs as a no.
* Else, with fewer opinions than the quorum, there are too few: unrated, never satisfied.
* Else satisfied must reach the threshold's share of the opinions.

So the area's result can add a reopening, and never cancel one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from portal.ballots.rules import reaches


class Capacity(StrEnum):
    """Why somebody is asked; who has several reasons stands under the first."""

    REPORTER = "reporter"
    SUPPORTER = "supporter"
    RESIDENT = "resident"


class Solved(StrEnum):
    """解决了吗."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "unknown"


class Grade(IntEnum):
    """非常满意 · 满意 · 基本满意 · 不满意 · 非常不满意."""

    VERY_SATISFIED = 5
    SATISFIED = 4
    BASICALLY = 3
    DISSATISFIED = 2
    VERY_DISSATISFIED = 1


class Complaint(StrEnum):
    """没解决, 来得慢, 态度, 没说清."""

    UNSOLVED = "unsolved"
    SLOW = "slow"
    ATTITUDE = "attitude"
    UNCLEAR = "unclear"


class RoundOutcome(StrEnum):
    """How a round ended."""

    PASSED = "passed"
    FAILED = "failed"
    TOO_FEW = "too_few"


class FailedBy(StrEnum):
    """Whose word failed a round."""

    REPORTER = "reporter"
    SUPPORTERS = "supporters"
    AREA = "area"


@dataclass(frozen=True)
class Answer:
    """What one elector answers."""

    solved: Solved
    grade: Grade
    complaints: tuple[Complaint, ...] = ()

    def as_choice(self) -> dict[str, Any]:
        """Return the answer as the vote stores it."""
        return {
            "solved": self.solved.value,
            "grade": int(self.grade),
            "complaints": [complaint.value for complaint in self.complaints],
        }

    @classmethod
    def of(cls, choice: Mapping[str, Any]) -> "Answer":
        """Read a stored choice; raises ValueError or KeyError when it is none of the question's."""
        return cls(
            Solved(choice["solved"]),
            Grade(choice["grade"]),
            tuple(Complaint(word) for word in choice["complaints"]),
        )

    @property
    def has_opinion(self) -> bool:
        """Whether it says if the problem is solved."""
        return self.solved is not Solved.UNKNOWN

    @property
    def is_satisfied(self) -> bool:
        """Whether it counts as satisfied."""
        return self.solved in {Solved.YES, Solved.PARTLY} and self.grade >= Grade.BASICALLY


@dataclass(frozen=True)
class Measures:
    """The frozen numbers of a round: quorum in opinions, and two shares."""

    quorum: int
    threshold: tuple[int, int]
    supporters_share: tuple[int, int]


@dataclass(frozen=True)
class Count:
    """What a round's votes add up to; `supporters` is their number on the roll."""

    votes: int = 0
    opinions: int = 0
    satisfied: int = 0
    reporter_no: bool = False
    supporters_no: int = 0
    supporters: int = 0


@dataclass(frozen=True)
class Verdict:
    """The outcome, with whose word it was when it failed."""

    outcome: RoundOutcome
    failed_by: FailedBy | None = None


def count(votes: Iterable[tuple[Capacity, Answer]], *, supporters: int) -> Count:
    """Add the votes up."""
    cast = list(votes)
    noes = [capacity for capacity, answer in cast if answer.solved is Solved.NO]
    return Count(
        votes=len(cast),
        opinions=sum(answer.has_opinion for _, answer in cast),
        satisfied=sum(answer.is_satisfied for _, answer in cast),
        reporter_no=Capacity.REPORTER in noes,
        supporters_no=noes.count(Capacity.SUPPORTER),
        supporters=supporters,
    )


def reopens_at_once(counted: Count, measures: Measures) -> FailedBy | None:
    """Return whose 没解决 ends the round as it is cast, if anyone's does."""
    if counted.reporter_no:
        return FailedBy.REPORTER
    if reaches(counted.supporters_no, counted.supporters, measures.supporters_share):
        return FailedBy.SUPPORTERS
    return None


def judge(counted: Count, measures: Measures) -> Verdict:
    """Judge a closed round."""
    voices = reopens_at_once(counted, measures)
    if voices is not None:
        return Verdict(RoundOutcome.FAILED, voices)
    if counted.opinions < max(measures.quorum, 1):
        return Verdict(RoundOutcome.TOO_FEW)
    if reaches(counted.satisfied, counted.opinions, measures.threshold):
        return Verdict(RoundOutcome.PASSED)
    return Verdict(RoundOutcome.FAILED, FailedBy.AREA)


def enough_to_show(votes: int, least: int) -> bool:
    """Tell whether so many votes may be shown as figures: small groups point to persons."""
    return votes >= least


def roll(
    reporter: int | None, supporters: Iterable[int], residents: Iterable[int], barred: set[int]
) -> dict[int, Capacity]:
    """Return who is asked, one entry each; those barred (who handled it) are not."""
    found: dict[int, Capacity] = {}
    if reporter is not None:
        found[reporter] = Capacity.REPORTER
    for person in supporters:
        found.setdefault(person, Capacity.SUPPORTER)
    for person in residents:
        found.setdefault(person, Capacity.RESIDENT)
    return {person: capacity for person, capacity in found.items() if person not in barred}
