"""A city to measure in: 16 districts, 349 streets, problems by the million, fictional throughout.

The measured street has the same open problems in every size, so that its pages show the same rows:
`WAITING` for the queue (more than one page), `IN_HAND` below it. Two percent of all problems are
open; the rest is closed history spread evenly over all streets.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert

from portal.accounts.models import Account, BrowserSession, Person, Residence
from portal.ballots.models import Ballot, Elector
from portal.core import ids, uow
from portal.core.db import Model, db
from portal.core.sealed import lookup_hash
from portal.duties.models import Category
from portal.organisations.models import Membership, Unit
from portal.places.models import Division, GridCell
from portal.problems.models import Assignment, Grant, Problem, Step, Supporter
from portal.rulebook import queries as rulebook
from portal.rulebook import services as rulebook_services
from portal.satisfaction.models import RatingRound
from tests.bench.databases import load, settle

DISTRICTS, STREETS, COMMUNITIES = 16, 349, 3
OPEN_SHARE = 50  # one in fifty is open
WAITING, IN_HAND = 40, 15
RATED, ELECTORS, RATERS = 100, 60, 600
OWN = 25
STEPS = 8
CATEGORIES = ("环境卫生", "市政设施", "噪声扰民", "违法建设", "停车管理", "物业服务", "环境保护")
MATTERS = (
    "楼前垃圾清了又堆，天热味道大",
    "小区门口井盖松动，踩上去会翘",
    "夜里施工到两点，孩子睡不好",
    "楼道里堆着杂物，电动车上楼充电",
    "早市占了半条路，救护车进不来",
    "路灯不亮三天，老人不敢出门",
    "地下室漏水，楼上楼下说法不一",
)

# Ids are given here, not by the database: the generator must know them.
RESIDENT, DISPATCHER = 1, 2
FIRST_RATER = 101
OFFICE, COMMITTEE = 1, 2


@dataclass(frozen=True)
class Who:
    """Somebody signed in: the token that only their browser keeps."""

    person_id: int
    token: str


@dataclass(frozen=True)
class Ballotings:
    """One vote that can still be cast: by whom, about which problem."""

    who: Who
    ref: str


@dataclass(frozen=True)
class World:
    """What the measurements need to know of what was loaded."""

    size: int
    district_id: int
    street_id: int
    resident: Who
    dispatcher: Who
    problem_ref: str
    problem_id: int
    votes: tuple[Ballotings, ...]


def street_id(number: int) -> int:
    """Return the id of a street, counted from 0."""
    return DISTRICTS + 1 + number


def community_id(number: int, part: int) -> int:
    """Return the id of a community of a street."""
    return DISTRICTS + STREETS + 1 + number * COMMUNITIES + part


def district_of(number: int) -> int:
    """Return the district of a street, counted from 0."""
    return number % DISTRICTS + 1


def build(app: Flask, size: int) -> World:
    """Lay the tables and fill them with `size` problems."""
    now = datetime.now(UTC).replace(microsecond=0)
    with app.app_context():
        db.create_all()
        _places()
        edition_id = _rules(now)
        people = _people(now)
        ref, number = _problems(size, edition_id, now)
        votes = _ballots(size, people, now)
        settle(db.engine, list(Model.metadata.tables.values()))
        rulebook.forget()
        db.session.remove()
    return World(
        size=size,
        district_id=1,
        street_id=street_id(0),
        resident=people[RESIDENT],
        dispatcher=people[DISPATCHER],
        problem_ref=ref,
        problem_id=number,
        votes=votes,
    )


def _places() -> None:
    since = date(2020, 1, 1)
    divisions: list[tuple[Any, ...]] = [
        (n, f"d{n}", "district", f"{n}区", None, None, since, None) for n in range(1, DISTRICTS + 1)
    ]
    divisions[0] = (1, "d1", "district", "云湖区", None, None, since, None)
    for n in range(STREETS):
        name = "望湖街道" if n == 0 else f"第{n}街道"
        home = district_of(n)
        divisions.append((street_id(n), f"s{n}", "street", name, home, home, since, None))
    grids = []
    for n in range(STREETS):
        for part in range(COMMUNITIES):
            number = community_id(n, part)
            name = ("朝阳里", "槐荫里", "铁狮里")[part]
            divisions.append(
                (
                    number,
                    f"c{number}",
                    "community",
                    name,
                    street_id(n),
                    district_of(n),
                    since,
                    "010-55550100",
                )
            )
            box = (116.3, 116.4, 39.9, 40.0)
            grids.append((number, number, part + 1, f"{part + 1} 格", "{}", *box, since))
    columns: tuple[str, ...] = (
        "id",
        "key",
        "level",
        "name",
        "parent_id",
        "district_id",
        "valid_from",
        "phone",
    )
    load(db.engine, Division.__table__, columns, iter(divisions))
    columns = (
        "id",
        "community_id",
        "number",
        "name",
        "polygon",
        "min_lng",
        "max_lng",
        "min_lat",
        "max_lat",
        "valid_from",
    )
    load(db.engine, GridCell.__table__, columns, iter(grids))
    with uow.transaction():
        db.session.execute(
            insert(Category),
            [
                {"id": n, "code": f"c{n}", "name": name, "name_en": f"Matter {n}", "position": n}
                for n, name in enumerate(CATEGORIES, 1)
            ],
        )
        common = {"seal": "街", "affiliation": "street", "district_id": 1}
        db.session.execute(
            insert(Unit),
            [
                common
                | {
                    "id": OFFICE,
                    "code": "wanghu-office",
                    "name": "望湖街道办事处",
                    "short_name": "望湖街道",
                    "kind": "street_office",
                    "party": "government",
                    "street_id": street_id(0),
                    "community_id": None,
                },
                common
                | {
                    "id": COMMITTEE,
                    "code": "chaoyangli-committee",
                    "name": "朝阳里社区居委会",
                    "short_name": "朝阳里",
                    "kind": "community_committee",
                    "party": "community",
                    "street_id": street_id(0),
                    "community_id": community_id(0, 0),
                },
            ],
        )


def _rules(now: datetime) -> int:
    """Publish the default edition for every district; returns the first district's."""
    text = Path(rulebook.DEFAULT).read_text(encoding="utf-8")
    with uow.transaction():
        editions = [
            rulebook_services.publish_edition(number, text, now=now)
            for number in range(1, DISTRICTS + 1)
        ]
        rulebook_services.set_calendar(1, first_year=now.year, last_year=now.year + 1, now=now)
        return next(edition.id for edition in editions if edition)


def _people(now: datetime) -> dict[int, Who]:
    """Store resident, dispatcher and raters, each with a live session."""
    numbers = [RESIDENT, DISPATCHER, *range(FIRST_RATER, FIRST_RATER + RATERS)]
    people = {number: Who(number, secrets.token_urlsafe(32)) for number in numbers}
    names = {RESIDENT: "王女士", DISPATCHER: "赵敏"}
    engine = db.engine
    load(
        engine,
        Person.__table__,
        ("id", "public_name", "lang", "created_at"),
        ((n, names.get(n, "居民"), "zh", now) for n in numbers),
    )
    load(
        engine,
        Account.__table__,
        ("id", "person_id", "login", "created_at"),
        ((n, n, "zhao" if n == DISPATCHER else None, now) for n in numbers),
    )
    load(
        engine,
        Residence.__table__,
        ("id", "person_id", "community_id", "check_level", "valid_from"),
        ((n, n, community_id(0, 0), 1, date(2024, 1, 1)) for n in numbers if n != DISPATCHER),
    )
    load(
        engine,
        BrowserSession.__table__,
        ("id", "token_hash", "account_id", "created_at", "last_seen_at", "expires_at"),
        (
            (
                n,
                lookup_hash("session", who.token),
                n,
                now,
                now + timedelta(hours=1),  # so that no GET of the measurement writes
                now + timedelta(hours=8),
            )
            for n, who in people.items()
        ),
    )
    load(
        engine,
        Membership.__table__,
        ("id", "person_id", "unit_id", "role", "started_at"),
        iter([(1, DISPATCHER, OFFICE, "dispatcher", now - timedelta(days=90))]),
    )
    return people


_COLUMNS = (
    "id",
    "ref",
    "version",
    "edition_id",
    "district_id",
    "street_id",
    "community_id",
    "grid_id",
    "address",
    "source",
    "category_id",
    "title",
    "body",
    "lang",
    "audience",
    "released_at",
    "review_due_at",
    "quiet",
    "state",
    "urgency",
    "submitted_at",
    "due_at",
    "limit_at",
    "accepted_at",
    "resolved_at",
    "verified_at",
    "closed_at",
    "outcome",
    "reopenings",
    "reporter_id",
    "supporters",
)


def ref_of(number: int) -> str:
    """Return the reference of a problem."""
    head = f"2601{number:07d}"
    return head + ids.check_digit(head)


@dataclass(frozen=True)
class _Plan:
    """Which problem numbers are what; closed history comes first, as it does in time."""

    size: int

    @property
    def first_open(self) -> int:
        return self.size - self.size // OPEN_SHARE + 1

    @property
    def first_in_hand(self) -> int:
        return self.first_open + WAITING

    @property
    def first_rated(self) -> int:
        return self.first_in_hand + IN_HAND

    def open_ids(self) -> range:
        return range(self.first_open, self.size + 1)


def _street_and_state(plan: _Plan, number: int) -> tuple[int, str]:
    if number < plan.first_open:
        return (0 if number <= OWN else number % STREETS), "closed"
    if number < plan.first_in_hand:
        return 0, "reopened" if number % 8 == 0 else "submitted"
    if number < plan.first_rated:
        return 0, "handling"
    if number < plan.first_rated + RATED:
        return 1, "rating"
    return 2 + number % (STREETS - 2), "handling" if number % 2 else "submitted"


def _rows(plan: _Plan, edition_id: int, now: datetime) -> Iterator[tuple[Any, ...]]:
    first = now - timedelta(days=700)
    minute, day, week = timedelta(minutes=1), timedelta(days=1), timedelta(days=7)
    hours = 690 * 24
    for number in range(1, plan.size + 1):
        street, state = _street_and_state(plan, number)
        at = first + timedelta(hours=number * hours // plan.size)
        if number >= plan.first_open:
            at = now - minute * (5 + number % 90)
        whole = state not in {"submitted", "reopened"}
        done = state in {"closed", "rating"}
        place = community_id(street, number % COMMUNITIES)
        matter = MATTERS[number % len(MATTERS)]
        yield (
            number,
            ref_of(number),
            1,
            edition_id,
            district_of(street),
            street_id(street),
            place,
            place,
            f"{number % 20 + 1} 号楼",
            ("portal", "hotline", "grid", "walk_in")[number % 4],
            number % len(CATEGORIES) + 1,
            matter,
            f"{matter}。已经有一阵子了，邻居们都说过，请来看看（{number}）。",
            "zh",
            "public",
            at + minute,
            at + day,
            False,
            state,
            "L3" if whole or state == "reopened" else None,
            at,
            at + 30 * minute if not whole else at + week,
            at + week if whole or state == "reopened" else None,
            at + 2 * minute if whole or state == "reopened" else None,
            at + 3 * minute if done else None,
            at + 4 * minute if done else None,
            at + day if state == "closed" else None,
            "satisfied" if state == "closed" else None,
            1 if state == "reopened" else 0,
            RESIDENT if number <= OWN or number == plan.first_in_hand else None,
            3 if number == plan.first_in_hand else number % 3,
        )


def _problems(size: int, edition_id: int, now: datetime) -> tuple[str, int]:
    """Store the problems with what hangs on the open ones; returns the measured one's ref, id."""
    plan = _Plan(size)
    engine = db.engine
    load(engine, Problem.__table__, _COLUMNS, _rows(plan, edition_id, now))
    in_hand = [n for n in plan.open_ids() if _street_and_state(plan, n)[1] == "handling"]
    load(
        engine,
        Assignment.__table__,
        (
            "id",
            "problem_id",
            "holder_unit_id",
            "state",
            "version",
            "assigned_at",
            "acknowledge_due_at",
            "due_at",
            "acknowledged_at",
        ),
        (
            (
                n,
                n,
                COMMITTEE,
                "acknowledged",
                1,
                now,
                now + timedelta(hours=2),
                now + timedelta(days=5),
                now,
            )
            for n in in_hand
        ),
    )
    load(
        engine,
        Grant.__table__,
        ("problem_id", "unit_id", "granted_at"),
        ((n, COMMITTEE, now) for n in in_hand),
    )
    measured = plan.first_in_hand
    load(
        engine,
        Supporter.__table__,
        ("problem_id", "person_id", "origin_id", "joined_at"),
        ((measured, FIRST_RATER + n, measured, now) for n in range(3)),
    )
    load(
        engine,
        Step.__table__,
        ("problem_id", "at", "tag", "subject", "unit_id", "audience", "body", "slots"),
        _steps(plan, now),
    )
    return ref_of(measured), measured


def _steps(plan: _Plan, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Every open problem has a short history, the measured one a long one."""
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("submit", {"source": "portal"}),
        ("publish", {}),
        ("accept", {"urgency": "L3"}),
        ("assign", {"unit_id": COMMITTEE}),
        ("take-measure", {"method": "visit"}),
    )
    numbers = [*range(1, OWN + 1), *plan.open_ids()]
    for number in numbers:
        count = STEPS if number == plan.first_in_hand else 2
        for place in range(count):
            tag, slots = steps[min(place, len(steps) - 1)]
            yield (
                number,
                now - timedelta(minutes=60 - place),
                f"problems:problem:{tag}",
                f"problem:{number}",
                OFFICE if place % 2 else COMMITTEE,
                "public",
                "已联系物业，今天下午到现场看。" if place > 3 else None,
                json.dumps(slots),
            )


def _ballots(size: int, people: dict[int, Who], now: datetime) -> tuple[Ballotings, ...]:
    """Open a rating on each problem that waits for one, with its roll; one elector stays away."""
    first = _Plan(size).first_rated
    engine = db.engine
    numbers = range(first, first + RATED)
    load(
        engine,
        Ballot.__table__,
        (
            "id",
            "subject",
            "mode",
            "secret",
            "state",
            "opens_at",
            "closes_at",
            "quorum",
            "threshold_top",
            "threshold_bottom",
        ),
        (
            (
                n,
                f"problem:{n}:round:1",
                "person",
                False,
                "open",
                now - timedelta(hours=1),
                now + timedelta(days=7),
                3,
                2,
                3,
            )
            for n in numbers
        ),
    )
    load(
        engine,
        RatingRound.__table__,
        (
            "id",
            "problem_id",
            "ballot_id",
            "number",
            "supporters_share_top",
            "supporters_share_bottom",
            "shown_from",
        ),
        ((n, n, n, 1, 1, 2, 3) for n in numbers),
    )
    roll = [
        (n, FIRST_RATER + ((n - first) * ELECTORS + place) % RATERS)
        for n in numbers
        for place in range(ELECTORS)
    ]
    load(
        engine,
        Elector.__table__,
        ("ballot_id", "mode", "person_id", "capacity"),
        ((n, "person", person, "resident") for n, person in roll),
    )
    votes = [
        Ballotings(people[person], ref_of(n))
        for place, (n, person) in enumerate(roll)
        if place % ELECTORS
    ]
    # Neighbours in the list rate different problems, as in life.
    votes.sort(key=lambda vote: (vote.who.person_id, vote.ref))
    return tuple(votes)
