"""Questions about rounds.

Until a round is judged nobody reads more than the turnout; with few votes nobody reads a figure.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Account, Residence
from portal.accounts.states import CheckLevel
from portal.ballots import queries as ballots
from portal.ballots.models import Elector, Turnout, Vote
from portal.ballots.queries import Chance
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.ids import SHANGHAI
from portal.media.models import Media
from portal.organisations.models import Membership
from portal.problems import queries as problems
from portal.problems.models import Grant, Photo, Problem, Supporter
from portal.problems.states import Audience, Outcome, PhotoKind
from portal.satisfaction import policies, rules
from portal.satisfaction.models import RatingRound, RatingWords
from portal.satisfaction.policies import Standing
from portal.satisfaction.rules import Answer, Capacity, FailedBy, RoundOutcome


@dataclass(frozen=True)
class Figures:
    """What may be shown of a judged round with enough votes."""

    opinions: int
    satisfied: int
    grades: Counter[int]
    solved: Counter[str]
    complaints: Counter[str]


@dataclass(frozen=True)
class Result:
    """The rating panel of a problem's page; `figures` is None while hidden."""

    number: int
    closes_at: datetime
    asked_reporters: int
    asked_area: int
    votes: int
    shown_from: int
    has_voted: bool
    may_rate: bool
    outcome: RoundOutcome | None
    failed_by: FailedBy | None
    is_settled: bool
    figures: Figures | None

    @property
    def is_open(self) -> bool:
        """Whether it is not judged yet."""
        return self.outcome is None


@dataclass(frozen=True)
class Change:
    """身边的变化: a problem that residents call solved, with its pair of released photos.

    `satisfied` and `opinions` are None where too few voted to show them.
    """

    ref: str
    title: str
    address: str
    closed_at: datetime | None
    before_token: str
    after_token: str
    votes: int
    satisfied: int | None
    opinions: int | None


# --- who is asked -------------------------------------------------------------------------------


def roll(problem: Problem, now: datetime) -> dict[int, Capacity]:
    """Return who is asked about the problem.

    The reporter, the supporters, and everyone with a confirmed address in its grid; neighbours only
    where they may know of it. Staff of units that hold, support or were called are not asked.
    """
    supporters = db.session.scalars(
        select(Supporter.person_id)
        .where(Supporter.problem_id == problem.id, Supporter.left_at.is_(None))
        .order_by(Supporter.id)
    ).all()
    is_public = problem.released_at is not None and problem.audience is not Audience.STAFF
    residents = (
        _confirmed_residents(problem.grid_id, now)
        if problem.grid_id is not None and is_public and not problem.quiet
        else ()
    )
    barred = db.session.scalars(
        select(Membership.person_id)
        .join(Grant, Grant.unit_id == Membership.unit_id)
        .where(
            Grant.problem_id == problem.id,
            Membership.started_at <= now,
            Membership.ended_at.is_(None),
        )
    )
    return rules.roll(problem.reporter_id, supporters, residents, set(barred))


def _confirmed_residents(grid_id: int, now: datetime) -> Sequence[int]:
    today = now.astimezone(SHANGHAI).date()
    return db.session.scalars(
        select(Residence.person_id)
        .where(
            Residence.grid_id == grid_id,
            Residence.check_level == int(CheckLevel.CONFIRMED),
            Residence.valid_from <= today,
            or_(Residence.valid_to.is_(None), Residence.valid_to > today),
        )
        .order_by(Residence.person_id)
    ).all()


def voter_id(problem: Problem, actor: Actor) -> int | None:
    """Return for whom this browser answers: the person signed in, else the walk-in reporter.

    A walk-in reporter without an account stands for themselves in a browser that was opened with
    the query code; a report without any person behind it has no reporter on the roll.
    """
    if actor.person_id is not None:
        return actor.person_id
    if problem.reporter_id is None or problem.ref not in actor.opened_refs:
        return None
    has_account = select(Account.id).where(Account.person_id == problem.reporter_id)
    return problem.reporter_id if db.session.scalar(has_account) is None else None


def standing(problem: Problem, actor: Actor) -> Standing:
    """Gather who the reader is towards the problem's latest round."""
    person_id = voter_id(problem, actor)
    row = db.session.execute(
        _STANDING, {"problem_id": problem.id, "person_id": person_id or 0}
    ).first()
    if row is None:
        return Standing(problem, None, None, person_id)
    latest, elector, turnout_id = row
    return Standing(
        problem, latest, Chance(latest.ballot, elector, turnout_id is not None), person_id
    )


# Asked for every vote and every page of a problem, so it is built once.
_LATEST_ROUND = (
    select(RatingRound)
    .where(RatingRound.problem_id == bindparam("problem_id"))
    .options(joinedload(RatingRound.ballot))
    .order_by(RatingRound.number.desc())
    .limit(1)
)


_STANDING = (
    select(RatingRound, Elector, Turnout.id)
    .outerjoin(
        Elector,
        and_(
            Elector.ballot_id == RatingRound.ballot_id,
            Elector.person_id == bindparam("person_id"),
        ),
    )
    .outerjoin(Turnout, Turnout.elector_id == Elector.id)
    .where(RatingRound.problem_id == bindparam("problem_id"))
    .options(joinedload(RatingRound.ballot))
    .order_by(RatingRound.number.desc())
    .limit(1)
)


def latest_round(problem_id: int) -> RatingRound | None:
    """Return the problem's newest round with its ballot."""
    return db.session.scalar(_LATEST_ROUND, {"problem_id": problem_id})


def round_of(ballot_id: int) -> RatingRound | None:
    """Return the round that a ballot is held for, with the ballot; None for another's ballot."""
    return db.session.scalar(
        select(RatingRound)
        .where(RatingRound.ballot_id == ballot_id)
        .options(joinedload(RatingRound.ballot))
    )


def waiting_round(problem_id: int) -> RatingRound | None:
    """Return the judged round that is not settled, locked: its closing waited for a hold."""
    return db.session.scalar(
        select(RatingRound)
        .where(
            RatingRound.problem_id == problem_id,
            RatingRound.outcome.is_not(None),
            RatingRound.settled_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


# --- what came of it ----------------------------------------------------------------------------


def count(found: RatingRound) -> rules.Count:
    """Add a round's votes up, from the votes themselves."""
    roll_ = ballots.roll(found.ballot_id)
    return rules.count(
        [
            (Capacity(vote.capacity or ""), Answer.of(vote.choice))
            for vote in ballots.counted(found.ballot_id)
        ],
        supporters=roll_.electors.get(Capacity.SUPPORTER, 0),
    )


def result_for(problem: Problem, actor: Actor, now: datetime) -> Result | None:
    """Return the panel for a reader of the problem's page; None before the first round."""
    if problem.verified_at is None and not problem.reopenings and not problem.district_decided_at:
        return None
    found = standing(problem, actor)
    if found.round is None or found.chance is None:
        return None
    roll_ = ballots.roll(found.round.ballot_id)
    reporters = roll_.electors.get(Capacity.REPORTER, 0)
    return Result(
        number=found.round.number,
        closes_at=found.round.ballot.closes_at,
        asked_reporters=reporters,
        asked_area=roll_.size - reporters,
        votes=roll_.turnout,
        shown_from=found.round.shown_from,
        has_voted=found.chance.has_voted,
        may_rate=bool(policies.can_rate(actor, found, now)),
        outcome=found.round.outcome,
        failed_by=found.round.failed_by,
        is_settled=found.round.settled_at is not None,
        figures=_figures(found.round, roll_.turnout),
    )


def _figures(found: RatingRound, votes: int) -> Figures | None:
    if found.outcome is None or not rules.enough_to_show(votes, found.shown_from):
        return None
    answers = [Answer.of(vote.choice) for vote in ballots.counted(found.ballot_id)]
    return Figures(
        opinions=sum(answer.has_opinion for answer in answers),
        satisfied=sum(answer.is_satisfied for answer in answers),
        grades=Counter(int(answer.grade) for answer in answers),
        solved=Counter(answer.solved.value for answer in answers),
        complaints=Counter(word.value for answer in answers for word in answer.complaints),
    )


def words(problem_id: int, *, inside: bool) -> Sequence[str]:
    """Return the words of the latest judged round, without names, for those who handle it.

    In random order, and only when figures may be shown; the words of a reporter whose 没解决
    reopened it always go to those who do it again, as the form says.
    """
    found = latest_round(problem_id) if inside else None
    if found is None or found.outcome is None:
        return []
    query = (
        select(RatingWords.body)
        .join(Elector, Elector.id == RatingWords.elector_id)
        .join(Turnout, Turnout.elector_id == Elector.id)
        .join(Vote, and_(Vote.turnout_id == Turnout.id, Vote.superseded_at.is_(None)))
        .where(RatingWords.round_id == found.id, RatingWords.redacted_at.is_(None))
        .order_by(Vote.key)
    )
    if not rules.enough_to_show(ballots.roll(found.ballot_id).turnout, found.shown_from):
        if found.failed_by is not FailedBy.REPORTER:
            return []
        query = query.where(Elector.capacity == Capacity.REPORTER)
    return db.session.scalars(query).all()


def own_answer(found: Standing) -> tuple[Answer | None, str]:
    """Return what this elector answered and wrote before, for their own form."""
    elector = found.chance.elector if found.chance is not None else None
    if found.chance is None or elector is None or not found.chance.has_voted:
        return None, ""
    choice = ballots.own_choice(elector)
    query = select(RatingWords.body).where(RatingWords.elector_id == elector.id)
    return Answer.of(choice), db.session.scalar(query) or ""


def capacity(found: Standing) -> Capacity | None:
    """Return why this reader is asked."""
    elector = found.chance.elector if found.chance is not None else None
    return Capacity(elector.capacity) if elector is not None else None


# --- pictures -----------------------------------------------------------------------------------


def photo_tokens(problem_id: int, *, released_only: bool) -> tuple[list[str], list[str]]:
    """Return the media tokens of what it was and what it is, oldest first."""
    query = (
        select(Photo.kind, Media.token)
        .join(Media, Media.id == Photo.media_id)
        .where(
            Photo.problem_id == problem_id,
            Photo.kind.in_((PhotoKind.BEFORE, PhotoKind.AFTER)),
            Media.erased_at.is_(None),
        )
        .order_by(Photo.id)
    )
    if released_only:
        query = query.where(Photo.released_at.is_not(None))
    rows = db.session.execute(query).all()
    return (
        [token for kind, token in rows if kind is PhotoKind.BEFORE],
        [token for kind, token in rows if kind is PhotoKind.AFTER],
    )


def recent_changes(
    district_id: int, *, community_id: int | None = None, limit: int = 3
) -> Sequence[Change]:
    """Return the newest problems that residents call solved, with both released photos."""
    query = (
        select(RatingRound, Problem)
        .join(Problem, Problem.id == RatingRound.problem_id)
        .where(
            RatingRound.outcome == RoundOutcome.PASSED,
            RatingRound.settled_at.is_not(None),
            Problem.district_id == district_id,
            Problem.outcome == Outcome.SATISFIED,
            Problem.released_at.is_not(None),
            Problem.audience != Audience.STAFF,
            Problem.quiet.is_(False),
            _has_released(PhotoKind.BEFORE),
            _has_released(PhotoKind.AFTER),
        )
        .order_by(RatingRound.settled_at.desc(), RatingRound.id.desc())
        .limit(limit)
    )
    if community_id is not None:
        query = query.where(Problem.community_id == community_id)
    rows = db.session.execute(query).all()
    pairs = _pairs([problem.id for _, problem in rows])
    answers = _answers([found.ballot_id for found, _ in rows])
    return [
        _change(found, problem, pairs[problem.id], answers.get(found.ballot_id, []))
        for found, problem in rows
    ]


def _change(
    found: RatingRound, problem: Problem, pair: tuple[str, str], answers: list[Answer]
) -> Change:
    shown = rules.enough_to_show(len(answers), found.shown_from)
    return Change(
        ref=problem.ref,
        title=problem.title,
        address=problem.address,
        closed_at=problem.closed_at,
        before_token=pair[0],
        after_token=pair[1],
        votes=len(answers),
        satisfied=sum(answer.is_satisfied for answer in answers) if shown else None,
        opinions=sum(answer.has_opinion for answer in answers) if shown else None,
    )


def _has_released(kind: PhotoKind) -> ColumnElement[bool]:
    return exists().where(
        Photo.problem_id == Problem.id,
        Photo.kind == kind,
        Photo.released_at.is_not(None),
        Media.id == Photo.media_id,
        Media.erased_at.is_(None),
    )


def _pairs(problem_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return the first photo of what it was and the last of what it is, by problem."""
    before: dict[int, str] = {}
    after: dict[int, str] = {}
    for problem_id, kind, token in db.session.execute(
        select(Photo.problem_id, Photo.kind, Media.token)
        .join(Media, Media.id == Photo.media_id)
        .where(
            Photo.problem_id.in_(problem_ids),
            Photo.released_at.is_not(None),
            Media.erased_at.is_(None),
        )
        .order_by(Photo.id)
    ):
        if kind is PhotoKind.BEFORE:
            before.setdefault(problem_id, token)
        elif kind is PhotoKind.AFTER:
            after[problem_id] = token
    return {problem_id: (before[problem_id], after[problem_id]) for problem_id in problem_ids}


def _answers(ballot_ids: Sequence[int]) -> dict[int, list[Answer]]:
    found: dict[int, list[Answer]] = {}
    for ballot_id, choice in db.session.execute(
        select(Vote.ballot_id, Vote.choice)
        .where(Vote.ballot_id.in_(ballot_ids), Vote.superseded_at.is_(None))
        .order_by(Vote.key)
    ):
        found.setdefault(ballot_id, []).append(Answer.of(choice))
    return found


def held(problem_id: int) -> bool:
    """Tell whether something above keeps the problem from being closed."""
    return "close" in problems.held_verbs(problem_id)
