"""Rounds open, are rated, judged and settled; on SQLite and on PostgreSQL."""

from datetime import date

import pytest
from sqlalchemy import delete, func, select

from portal.accounts.models import Account, Residence
from portal.accounts.states import CheckLevel
from portal.audit.models import AuditEntry
from portal.ballots import queries as ballots
from portal.ballots.models import Elector, Vote
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import Forbidden
from portal.core.uow import transaction
from portal.core.work import WorkItem
from portal.problems import queries as problem_queries
from portal.problems import services as problems
from portal.problems.models import Problem
from portal.problems.states import Audience, Outcome, PhotoKind, ProblemState
from portal.satisfaction import policies, queries, services
from portal.satisfaction.models import RatingWords
from portal.satisfaction.rules import (
    Answer,
    Capacity,
    Complaint,
    FailedBy,
    Grade,
    RoundOutcome,
    Solved,
)
from tests.factories.problems import make, photo

NO = {"solved": Solved.NO, "grade": Grade.VERY_DISSATISFIED}
BEST = {"grade": Grade.VERY_SATISFIED}


def asked(rounds, problem_id, *among):
    """Return which of these are asked."""
    ballot_id = rounds.round(problem_id).ballot_id
    found = set(db.session.scalars(select(Elector.person_id).where(Elector.ballot_id == ballot_id)))
    return {who for who in among if rounds.person(who) in found}


def test_reporter_supporters_and_confirmed_neighbours_are_asked_once_each(rounds):
    far = rounds.resident("far", CheckLevel.PHONE)
    guest = rounds.resident("guest", CheckLevel.NONE)
    problem_id = rounds.rating("li", guest)
    everyone = ("wang", "li", "chen", "liu", far, guest, "zhao", "cao")
    assert asked(rounds, problem_id, *everyone) == {"wang", "li", "chen", "liu", guest}
    assert ballots.roll(rounds.round(problem_id).ballot_id).electors == {
        Capacity.REPORTER: 1,
        Capacity.SUPPORTER: 2,
        Capacity.RESIDENT: 2,
    }


def test_staff_of_the_unit_that_handled_it_are_not_asked_even_as_neighbours(rounds, world):
    with transaction():
        home = world.home()
        for who in ("cao", "xu"):
            db.session.add(
                Residence(
                    person_id=world.person(who),
                    community_id=home.community_id,
                    grid_id=home.grid_id,
                    check_level=int(CheckLevel.CONFIRMED),
                    valid_from=date(2026, 1, 1),
                )
            )
    problem_id = rounds.rating()
    assert asked(rounds, problem_id, "cao", "xu") == {"xu"}
    with pytest.raises(Forbidden) as caught:
        rounds.rate(problem_id, "cao")
    assert caught.value.decision.reason == "not_asked"


def test_who_moved_away_or_left_is_not_asked(rounds):
    guest = rounds.resident("guest", CheckLevel.NONE)
    gone = rounds.resident("gone")
    with transaction():
        home = db.session.scalars(
            select(Residence).where(Residence.person_id == rounds.person(gone))
        ).one()
        home.valid_to = date(2026, 11, 25)
    problem_id = make(rounds.world, "accepted").id
    rounds.join(problem_id, guest)
    with transaction():
        problems.leave(problem_queries.lock(problem_id), actor=rounds.actor(guest), now=rounds.now)
    rounds.handle(problem_id)
    assert asked(rounds, problem_id, guest, gone, "li") == {"li"}


def test_neighbours_are_not_told_of_what_they_may_not_see(rounds):
    problem_id = rounds.rating(audience=Audience.STAFF)
    assert asked(rounds, problem_id, "wang", "li", "chen", "liu") == {"wang"}


def test_neighbours_are_not_told_of_a_quiet_matter(rounds):
    problem_id = make(rounds.world, "accepted").id
    with transaction():
        problem_queries.lock(problem_id).quiet = True
    rounds.handle(problem_id)
    assert asked(rounds, problem_id, "wang", "li", "chen", "liu") == {"wang"}


def test_the_roll_is_frozen_when_the_round_opens(rounds):
    problem_id = rounds.rating()
    with pytest.raises(Forbidden) as caught:
        rounds.rate(problem_id, rounds.resident("late"))
    assert caught.value.decision.reason == "not_asked"


def test_satisfied_closes_satisfied_once(rounds):
    problem_id = rounds.rating()
    rounds.rate(problem_id, "wang", "li", "chen")
    rounds.work()
    assert rounds.problem(problem_id).state is ProblemState.RATING
    rounds.end()
    problem = rounds.problem(problem_id)
    assert (problem.state, problem.outcome) == (ProblemState.CLOSED, Outcome.SATISFIED)
    found = rounds.round(problem_id)
    assert found.outcome is RoundOutcome.PASSED
    assert found.settled_at == found.ballot.closes_at
    rounds.work()
    closings = select(func.count()).where(AuditEntry.tag == "problems:problem:close")
    assert db.session.scalar(closings) == 1


def test_the_area_reopens(rounds):
    problem_id = rounds.rating()
    rounds.rate(problem_id, "wang")
    rounds.rate(problem_id, "li", "chen", **NO)
    assert rounds.problem(problem_id).state is ProblemState.RATING
    rounds.end()
    assert rounds.problem(problem_id).state is ProblemState.REOPENED
    assert rounds.problem(problem_id).reopenings == 1
    found = rounds.round(problem_id)
    assert (found.outcome, found.failed_by) == (RoundOutcome.FAILED, FailedBy.AREA)


def test_the_reporter_alone_reopens_at_once_whatever_the_area_says(rounds):
    problem_id = rounds.rating()
    rounds.rate(problem_id, "li", "chen", "liu", **BEST)
    assert rounds.problem(problem_id).state is ProblemState.RATING
    rounds.rate(problem_id, "wang", **NO)
    problem = rounds.problem(problem_id)
    assert (problem.state, problem.reopenings) == (ProblemState.REOPENED, 1)
    assert rounds.round(problem_id).failed_by is FailedBy.REPORTER
    with pytest.raises(Forbidden) as caught:
        rounds.rate(problem_id, "li")
    assert caught.value.decision.reason == "ballot_closed"
    rounds.end()
    assert rounds.problem(problem_id).reopenings == 1


def test_half_of_the_supporters_reopen_at_once(rounds):
    problem_id = rounds.rating("li", "chen", "liu")
    rounds.rate(problem_id, "li", **NO)
    assert rounds.problem(problem_id).state is ProblemState.RATING
    rounds.rate(problem_id, "chen", **NO)
    assert rounds.problem(problem_id).state is ProblemState.REOPENED
    assert rounds.round(problem_id).failed_by is FailedBy.SUPPORTERS


def test_silence_and_too_few_close_unrated(rounds):
    problem_id = rounds.rating()
    rounds.rate(problem_id, "wang", "li", **BEST)
    rounds.end()
    assert rounds.problem(problem_id).outcome is Outcome.UNRATED
    assert rounds.round(problem_id).outcome is RoundOutcome.TOO_FEW


def test_a_round_without_anyone_runs_out_as_unrated(rounds):
    problem_id = rounds.rating(reporter="cao", audience=Audience.STAFF)
    assert ballots.roll(rounds.round(problem_id).ballot_id).size == 0
    rounds.end()
    assert rounds.problem(problem_id).outcome is Outcome.UNRATED


def test_a_changed_answer_counts_once(rounds):
    problem_id = rounds.rating()
    rounds.rate(problem_id, "li", **NO)
    rounds.rate(problem_id, "li", **BEST)
    counted = queries.count(rounds.round(problem_id))
    assert (counted.votes, counted.satisfied) == (1, 1)
    assert db.session.scalar(select(func.count()).select_from(Vote)) == 2


def test_each_round_has_a_fresh_roll_and_the_third_failure_goes_to_the_district(rounds):
    problem_id = rounds.rating()
    for times in (1, 2):
        rounds.rate(problem_id, "wang", **NO)
        assert rounds.problem(problem_id).reopenings == times
        newcomer = rounds.resident(f"new{times}")
        assert rounds.handle(problem_id).number == times + 1
        assert asked(rounds, problem_id, newcomer) == {newcomer}
    rounds.rate(problem_id, "wang", **NO)
    problem = rounds.problem(problem_id)
    assert (problem.state, problem.outcome) == (ProblemState.CLOSED, Outcome.FAILED)
    assert problem.district_review_at is not None


def test_a_hold_makes_the_closing_wait_until_the_last_one_is_lifted(rounds):
    problem_id = rounds.rating()
    rounds.rate(problem_id, "wang", "li", "chen")
    with transaction():
        for placer in ("visit:1", "visit:2"):
            problems.place_hold(
                problem_id, verb="close", reason="objection", placed_by=placer, now=rounds.now
            )
    rounds.end()
    assert rounds.problem(problem_id).state is ProblemState.RATING
    assert rounds.round(problem_id).outcome is RoundOutcome.PASSED
    assert rounds.round(problem_id).settled_at is None
    left = select(func.count()).where(WorkItem.kind == "ballots:close", WorkItem.done_at.is_(None))
    assert db.session.scalar(left) == 0
    for placer, state in (("visit:1", ProblemState.RATING), ("visit:2", ProblemState.CLOSED)):
        with transaction():
            problems.lift_hold(problem_id, verb="close", placed_by=placer, now=rounds.now)
        assert rounds.problem(problem_id).state is state
    assert rounds.problem(problem_id).outcome is Outcome.SATISFIED


def test_a_hold_of_another_verb_changes_nothing(rounds):
    problem_id = rounds.rating()
    with transaction():
        for verb in ("merge", "close"):
            problems.place_hold(
                problem_id, verb=verb, reason="objection", placed_by="visit:1", now=rounds.now
            )
    rounds.rate(problem_id, "wang", **NO)
    with transaction():
        problems.lift_hold(problem_id, verb="merge", placed_by="visit:1", now=rounds.now)
    assert rounds.problem(problem_id).state is ProblemState.RATING
    with transaction():
        problems.lift_hold(problem_id, verb="close", placed_by="visit:1", now=rounds.now)
    assert rounds.problem(problem_id).state is ProblemState.REOPENED


def test_words_are_kept_once_and_replaced(rounds):
    problem_id = rounds.rating()
    for words in ("还有一层不亮", "都亮了", ""):
        rounds.rate(problem_id, "li", words=words)
        standing = queries.standing(rounds.problem(problem_id), rounds.actor("li"))
        answer, own = queries.own_answer(standing)
        assert answer == Answer(Solved.YES, Grade.SATISFIED)
        assert own == words
    assert db.session.scalar(select(func.count()).select_from(RatingWords)) == 0


def test_neither_audit_nor_events_say_what_was_chosen(rounds):
    problem_id = rounds.rating()
    rounds.rate(
        problem_id,
        "li",
        solved=Solved.PARTLY,
        grade=Grade.DISSATISFIED,
        complaints=(Complaint.ATTITUDE,),
        words="没人理我",
    )
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.tag == "ballots:vote:cast")
    ).all()
    assert [set(entry.slots) for entry in entries] == [{"ballot_id", "elector_id"}]
    everything = db.session.execute(select(AuditEntry.slots, AuditEntry.subject)).all()
    for chosen in ("partly", "attitude", "没人理我", "grade"):
        assert chosen not in repr(everything)


def test_until_it_is_judged_nobody_reads_more_than_the_turnout(rounds):
    fifth = rounds.resident("fifth")
    problem_id = rounds.rating("li")
    rounds.rate(problem_id, "wang", "li", "chen", "liu", fifth)
    for reader in ("wang", "zhao", "cao"):
        found = queries.result_for(rounds.problem(problem_id), rounds.actor(reader), rounds.now)
        assert found is not None
        assert (found.asked_reporters, found.asked_area, found.votes) == (1, 4, 5)
        assert found.is_open
        assert found.figures is None
        assert queries.words(problem_id, inside=True) == []
    rounds.end()
    found = queries.result_for(rounds.problem(problem_id), rounds.actor("zhao"), rounds.now)
    assert found is not None
    assert found.figures is not None
    assert (found.figures.satisfied, found.figures.opinions) == (5, 5)
    assert found.figures.grades == {4: 5}


def test_below_five_votes_no_figure_is_ever_shown(rounds):
    problem_id = rounds.rating()
    rounds.rate(problem_id, "wang", "li", "chen", "liu", words="我是 7 号楼的")
    rounds.end()
    found = queries.result_for(rounds.problem(problem_id), rounds.actor("zhao"), rounds.now)
    assert found is not None
    assert found.outcome is RoundOutcome.PASSED
    assert found.figures is None
    assert queries.words(problem_id, inside=True) == []


def test_words_reach_those_inside_without_names_from_five_votes_on(rounds):
    fifth = rounds.resident("fifth")
    problem_id = rounds.rating()
    for who, words in (("li", "快"), ("chen", "慢"), ("wang", ""), ("liu", ""), (fifth, "")):
        rounds.rate(problem_id, who, words=words)
    rounds.end()
    assert sorted(queries.words(problem_id, inside=True)) == ["快", "慢"]
    assert queries.words(problem_id, inside=False) == []


def test_the_words_of_a_reporter_who_reopened_reach_those_inside_only(rounds):
    problem_id = rounds.rating("li")
    rounds.rate(problem_id, "li", words="我看还行")
    rounds.rate(problem_id, "wang", words="还是不亮", **NO)
    assert queries.words(problem_id, inside=False) == []
    assert list(queries.words(problem_id, inside=True)) == ["还是不亮"]


def test_before_the_first_round_there_is_no_panel(rounds):
    problem = make(rounds.world, "finished")
    assert queries.result_for(problem, rounds.actor("wang"), rounds.now) is None


def test_a_walk_in_reporter_answers_with_the_query_code(rounds):
    problem_id = rounds.rating()
    ref = rounds.problem(problem_id).ref
    opened = Actor(opened_refs=frozenset({ref}))
    with_account = queries.standing(rounds.problem(problem_id), opened)
    assert policies.can_rate(opened, with_account, rounds.now).reason == "sign_in_first"
    with transaction():
        db.session.execute(delete(Account).where(Account.person_id == rounds.person("wang")))
    with transaction():
        services.rate(
            db.session.get_one(Problem, problem_id),
            answer=Answer(Solved.YES, Grade.SATISFIED),
            words="",
            actor=opened,
            now=rounds.now,
        )
    roll = ballots.roll(rounds.round(problem_id).ballot_id)
    assert roll.voted[Capacity.REPORTER] == 1
    stranger = queries.standing(rounds.problem(problem_id), Actor())
    assert policies.can_rate(Actor(), stranger, rounds.now).reason == "sign_in_first"


def test_the_changes_nearby_have_both_pictures_and_no_small_figures(rounds):
    fifth = rounds.resident("fifth")
    for voters in (("wang", "li", "chen"), ("wang", "li", "chen", "liu", fifth)):
        problem_id = rounds.rating(photos=())
        with transaction():
            for colour, kind in (("orange", PhotoKind.BEFORE), ("green", PhotoKind.AFTER)):
                problems.add_photo(
                    problem_queries.lock(problem_id),
                    photo(rounds.world, colour),
                    kind=kind,
                    actor=rounds.actor("zhao"),
                    now=rounds.now,
                )
        with transaction():
            problems.publish(
                problem_queries.lock(problem_id),
                photo_ids=[one.id for one in problem_queries.photos(problem_id, inside=True)],
                actor=rounds.actor("zhao"),
                now=rounds.now,
            )
        rounds.rate(problem_id, *voters)
        rounds.end()
    rounds.rating()
    found = queries.recent_changes(rounds.world.district, community_id=rounds.world.community)
    assert [(one.votes, one.satisfied) for one in found] == [(5, 5), (3, None)]
    assert all(one.before_token != one.after_token for one in found)
    assert queries.recent_changes(rounds.world.district, limit=1) == found[:1]
    assert queries.recent_changes(rounds.world.district, community_id=0) == []
