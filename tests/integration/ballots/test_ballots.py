"""The database refuses a second vote, a foreign elector and a linked secret; on both databases."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.ballots import queries, services
from portal.ballots.models import Ballot, Elector, Turnout, Vote
from portal.ballots.services import Entry
from portal.ballots.states import BallotState, Mode
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import Refused
from portal.core.uow import transaction

TODAY = date(2026, 11, 25)


@pytest.fixture
def ballot(world, travel):
    """An open ballot with 王女士 and 李女士 on its roll."""
    return opened(world, travel, "lamp", "wang", "li")


def opened(world, travel, subject, *people):
    with transaction():
        made = services.open_ballot(
            subject,
            mode=Mode.PERSON,
            roll=[Entry(world.person(who), "neighbour") for who in people],
            closes_at=travel.now + timedelta(days=1),
            quorum=1,
            threshold=(1, 2),
            now=travel.now,
        )
        return made.id


def cast(world, ballot, who, choice):
    with transaction():
        services.cast(
            ballot, person_id=world.person(who), choice={"say": choice}, actor=world.actor(who)
        )


def refused(row):
    """Tell that the database itself refuses this row."""
    with pytest.raises(IntegrityError), transaction():
        db.session.add(row)


def elector(ballot, world, who):
    return db.session.scalars(
        select(Elector).where(Elector.ballot_id == ballot, Elector.person_id == world.person(who))
    ).one()


def test_one_elector_votes_once_however_often_they_cast(world, ballot):
    for choice in ("a", "b", "c"):
        cast(world, ballot, "wang", choice)
    assert [vote.choice for vote in queries.counted(ballot)] == [{"say": "c"}]
    assert queries.roll(ballot).turnout == 1
    assert queries.own_choice(elector(ballot, world, "wang")) == {"say": "c"}


def test_who_is_not_on_the_roll_and_who_comes_late_is_refused(world, ballot, travel):
    with pytest.raises(Refused, match="not_an_elector"):
        cast(world, ballot, "chen", "a")
    travel(days=1)
    with pytest.raises(Refused, match="ballot_closed"):
        cast(world, ballot, "wang", "a")
    assert queries.counted(ballot) == []
    assert queries.roll(ballot).turnout == 0


def test_votes_are_read_in_the_order_of_their_random_keys(world, ballot):
    for who in ("wang", "li"):
        cast(world, ballot, who, who)
    keys = [vote.key for vote in queries.counted(ballot)]
    assert keys == sorted(keys)
    assert len(set(keys)) == 2


def test_a_ballot_is_closed_once(world, ballot):
    for _time in range(2):
        with transaction():
            services.close_ballot(ballot)
    found = db.session.get_one(Ballot, ballot)
    assert found.state is BallotState.CLOSED
    with pytest.raises(Refused, match="ballot_closed"):
        cast(world, ballot, "wang", "a")


def test_one_open_ballot_a_subject(world, ballot, travel):
    with pytest.raises(IntegrityError):
        opened(world, travel, "lamp", "wang")
    with transaction():
        services.close_ballot(ballot)
    assert opened(world, travel, "lamp", "wang") != ballot


def test_nobody_stands_on_a_roll_twice(world, travel):
    with pytest.raises(IntegrityError):
        opened(world, travel, "bench", "wang", "wang")


def test_a_second_turnout_and_a_second_current_vote_are_impossible(world, ballot):
    cast(world, ballot, "wang", "a")
    wang = elector(ballot, world, "wang").id
    turnout = db.session.scalars(select(Turnout.id)).one()
    refused(Turnout(ballot_id=ballot, elector_id=wang, voted_on=TODAY))
    refused(
        Vote(
            key="k",
            ballot_id=ballot,
            secret=False,
            turnout_id=turnout,
            choice={},
            cast_at=db.session.get_one(Ballot, ballot).opens_at,
        )
    )


def test_turnout_and_votes_stay_with_their_ballot(world, ballot, travel):
    other = opened(world, travel, "bench", "li")
    wang = elector(ballot, world, "wang").id
    refused(Turnout(ballot_id=other, elector_id=wang, voted_on=TODAY))
    cast(world, ballot, "wang", "a")
    turnout = db.session.scalars(select(Turnout.id)).one()
    refused(
        Vote(
            key="k",
            ballot_id=other,
            secret=False,
            turnout_id=turnout,
            choice={},
            cast_at=travel.now,
            superseded_at=travel.now,
        )
    )


def test_a_linked_vote_has_a_voter_and_a_secret_one_has_none(world, ballot, travel):
    secret = Ballot(
        subject="chair",
        mode=Mode.PERSON,
        secret=True,
        state=BallotState.OPEN,
        opens_at=travel.now,
        closes_at=travel.now + timedelta(days=1),
        quorum=0,
        threshold_top=1,
        threshold_bottom=2,
    )
    with transaction():
        db.session.add(secret)
        db.session.flush()
        number = secret.id
        db.session.add(Vote(key="s", ballot_id=number, secret=True, choice={}))
    refused(Vote(key="1", ballot_id=ballot, secret=False, choice={}, cast_at=travel.now))
    refused(Vote(key="2", ballot_id=ballot, secret=True, choice={}))
    refused(Vote(key="3", ballot_id=number, secret=True, choice={}, cast_at=travel.now))
    person = Elector(
        ballot_id=number, mode=Mode.PERSON, person_id=world.person("li"), capacity="neighbour"
    )
    with transaction():
        db.session.add(person)
        db.session.flush()
        turnout = Turnout(ballot_id=number, elector_id=person.id, voted_on=TODAY)
        db.session.add(turnout)
        db.session.flush()
        turnout_id = turnout.id
    refused(Vote(key="4", ballot_id=number, secret=True, turnout_id=turnout_id, choice={}))


def test_a_roll_holds_persons_or_households_as_its_ballot_says(world, ballot, travel):
    refused(Elector(ballot_id=ballot, mode=Mode.HOUSEHOLD, household_id=1, capacity="tenant"))
    refused(Elector(ballot_id=ballot, mode=Mode.PERSON, household_id=1, capacity="tenant"))
    with transaction():
        homes = services.open_ballot(
            "lift",
            mode=Mode.HOUSEHOLD,
            roll=[Entry(1, "owner"), Entry(2, "tenant")],
            closes_at=travel.now + timedelta(days=1),
            quorum=0,
            threshold=(2, 3),
            now=travel.now,
        ).id
    assert queries.roll(homes).electors == {"owner": 1, "tenant": 1}
    refused(Elector(ballot_id=homes, mode=Mode.HOUSEHOLD, household_id=1, capacity="owner"))


def test_a_visitor_has_no_entry(world, ballot):
    assert queries.chance(ballot, None).elector is None
    assert queries.chance(ballot, world.person("wang")).elector is not None
    with pytest.raises(Refused, match="not_an_elector"), transaction():
        services.cast(ballot, person_id=0, choice={}, actor=Actor())
