"""How the demonstration's story is told: the cast acts through the services, some time ago.

Each act is a transaction of its own, with this process's clock set back to when it happened, so
that every limit, notice and line of a timeline comes about as it would have then.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from flask import current_app
from sqlalchemy import select

from portal.accounts import cast
from portal.accounts.models import Account, ContactPoint
from portal.ballots import services as ballots
from portal.cli.demo import pictures
from portal.core import clock
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.ids import SHANGHAI
from portal.core.sealed import lookup_hash
from portal.core.uow import transaction
from portal.duties.models import Category
from portal.media import services as media
from portal.media.models import Media
from portal.media.services import Prepared
from portal.organisations import queries as organisations
from portal.organisations.models import Unit
from portal.places import queries as places
from portal.places.models import Division
from portal.places.queries import Spot
from portal.places.states import Level
from portal.problems import queries, services
from portal.problems.models import Assignment, Problem
from portal.problems.rules import picture_limits
from portal.problems.states import Audience, PhotoKind, Source, Urgency
from portal.rulebook import queries as rulebook
from portal.satisfaction import queries as ratings
from portal.satisfaction import services as rating_services
from portal.satisfaction.rules import Answer

T = TypeVar("T")


class Stage:
    """The cast and the places, found once."""

    def __init__(self, district_id: int, residents: dict[str, str]) -> None:
        self.district_id = district_id
        self.today = clock.now().astimezone(SHANGHAI).date()
        self.book = rulebook.current(district_id, self.today)
        self.people = self._people(residents)
        self.units = dict(db.session.execute(select(Unit.code, Unit.id)).all())
        self.categories = dict(db.session.execute(select(Category.code, Category.id)).all())
        self._pictures: dict[str, Prepared] = {}

    def _people(self, residents: dict[str, str]) -> dict[str, int]:
        staff = db.session.execute(
            select(Account.login, Account.person_id).where(Account.login.in_(cast.STAFF))
        )
        found = {login: person_id for login, person_id in staff if login is not None}
        by_hash = dict(
            db.session.execute(select(ContactPoint.value_hash, ContactPoint.person_id)).all()
        )
        return found | {
            key: by_hash[lookup_hash("contact", phone)] for key, phone in residents.items()
        }

    def actor(self, key: str) -> Actor:
        """Return somebody as they act; their offices are those of this moment."""
        return organisations.actor_of(self.people[key], key, clock.now())

    def act(self, ago: timedelta, what: Callable[[datetime], T]) -> T:
        """Let one act happen some time ago."""
        with clock.shifted(-ago), transaction():
            return what(clock.now())

    def prepare(self, *scenes: str) -> None:
        """Draw pictures: slow, so outside every act."""
        for scene in scenes:
            self._pictures[scene] = media.prepare(
                pictures.draw(scene),
                limits=picture_limits(self.book),
                storage=current_app.extensions["storage"],
            )

    def photos(self, scenes: Sequence[str], now: datetime) -> list[Media]:
        """Keep prepared pictures inside the act under way; each can be used once."""
        return [
            media.keep(
                self._pictures.pop(scene), uploader_person_id=None, upload_session=None, now=now
            )
            for scene in scenes
        ]

    def spot(self, community: str, building: str = "") -> Spot:
        """Return a place by its names."""
        place = db.session.scalars(
            select(Division).where(
                Division.district_id == self.district_id,
                Division.level == Level.COMMUNITY,
                Division.name == community,
            )
        ).one()
        found = [b for b in places.buildings(place.id) if b.name == building]
        return places.spot(place.id, found[0].id if found else None)

    # --- what happens again and again -----------------------------------------------------------

    def submit(
        self,
        ago: timedelta,
        key: str,
        spot: Spot,
        *,
        title: str,
        body: str,
        category: str,
        scenes: Sequence[str] = (),
        address: str = "",
        source: Source = Source.PORTAL,
    ) -> int:
        """Let somebody report a problem; a worker enters it for somebody who has no name."""
        self.prepare(*scenes)
        by_resident = source is Source.PORTAL

        def do(now: datetime) -> int:
            new = services.NewProblem(
                title=title,
                body=body,
                district_id=spot.district_id,
                street_id=spot.street_id,
                community_id=spot.community_id,
                grid_id=spot.grid_id,
                building_id=spot.building_id,
                latitude=spot.latitude,
                longitude=spot.longitude,
                address=address or spot.address,
                category_id=self.categories[category],
                audience=Audience.PUBLIC,
                source=source,
                photos=self.photos(scenes, now),
            )
            return services.submit(
                new,
                reporter_id=self.people[key] if by_resident else None,
                actor=self.actor(key),
                now=now,
            ).id

        return self.act(ago, do)

    def join(self, ago: timedelta, problem_id: int, *keys: str) -> None:
        """Let neighbours say 我也遇到了."""
        for key in keys:
            self.act(
                ago,
                lambda now, key=key: services.join(  # type: ignore[misc]
                    queries.lock(problem_id), actor=self.actor(key), now=now
                ),
            )

    def accept(self, ago: timedelta, problem_id: int, urgency: Urgency = Urgency.L3) -> None:
        """Let the street's dispatcher take it up and release text and pictures."""

        def do(now: datetime) -> None:
            problem = queries.lock(problem_id)
            zhao = self.actor("zhao")
            services.accept(
                problem,
                urgency=urgency,
                category_id=problem.category_id or 0,
                actor=zhao,
                now=now,
            )
            self._publish(problem, zhao, now)

        self.act(ago, do)

    def publish(self, ago: timedelta, problem_id: int) -> None:
        """Let the reviewer tick every picture that is there."""
        self.act(ago, lambda now: self._publish(queries.lock(problem_id), self.actor("shen"), now))

    def _publish(self, problem: Problem, actor: Actor, now: datetime) -> None:
        ticked = [photo.id for photo in queries.photos(problem.id, inside=True)]
        services.publish(problem, photo_ids=ticked, actor=actor, now=now)

    def assign(
        self,
        ago: timedelta,
        problem_id: int,
        unit: str,
        note: str = "",
        supporters: Sequence[str] = (),
    ) -> None:
        """Let the dispatcher give it to a holder."""
        self.act(
            ago,
            lambda now: services.assign(
                queries.lock(problem_id),
                holder_unit_id=self.units[unit],
                supporter_unit_ids=[self.units[code] for code in supporters],
                note=note,
                actor=self.actor("zhao"),
                now=now,
            ),
        )

    def acknowledge(self, ago: timedelta, problem_id: int, key: str) -> None:
        """Let the holder confirm that it has it."""
        self.act(
            ago,
            lambda now: services.acknowledge(_live(problem_id), actor=self.actor(key), now=now),
        )

    def finish(
        self, ago: timedelta, problem_id: int, key: str, result: str, scenes: Sequence[str]
    ) -> None:
        """Let the holder say that it is done, with a picture of the result."""
        self.prepare(*scenes)
        self.act(
            ago,
            lambda now: services.finish(
                _live(problem_id),
                result=result,
                photos=self.photos(scenes, now),
                actor=self.actor(key),
                now=now,
            ),
        )

    def measure(
        self,
        ago: timedelta,
        problem_id: int,
        key: str,
        method: str,
        words: str,
        scenes: Sequence[str] = (),
    ) -> None:
        """Let somebody write down what they tried."""
        self.prepare(*scenes)

        def do(now: datetime) -> None:
            actor = self.actor(key)
            services.take_measure(
                queries.lock(problem_id),
                unit_id=min(actor.unit_ids),
                method=method,
                words=words,
                taken_at=now,
                photos=self.photos(scenes, now),
                actor=actor,
                now=now,
            )

        self.act(ago, do)

    def verify(self, ago: timedelta, problem_id: int, key: str, finding: str) -> None:
        """Let somebody other than the handler check: the residents are asked."""
        self.act(
            ago,
            lambda now: services.verify(
                queries.lock(problem_id), finding=finding, actor=self.actor(key), now=now
            ),
        )

    def show_result(self, ago: timedelta, problem_id: int, scene: str, key: str) -> None:
        """Hang a picture of the result on the problem itself."""
        self.prepare(scene)
        self.act(
            ago,
            lambda now: services.add_photo(
                queries.lock(problem_id),
                self.photos([scene], now)[0],
                kind=PhotoKind.AFTER,
                actor=self.actor(key),
                now=now,
            ),
        )

    def rate(
        self, ago: timedelta, problem_id: int, answers: dict[str, Answer], words: str = ""
    ) -> None:
        """Let residents answer; `words` are the first one's."""
        for key, answer in answers.items():
            said, words = words, ""
            self.act(
                ago,
                lambda now, key=key, answer=answer, said=said: rating_services.rate(  # type: ignore[misc]
                    queries.lock(problem_id),
                    answer=answer,
                    words=said,
                    actor=self.actor(key),
                    now=now,
                ),
            )

    def count(self, ago: timedelta, problem_id: int) -> None:
        """Let the rating's time run out."""

        def do(now: datetime) -> None:
            found = ratings.latest_round(problem_id)
            if found is not None:
                ballots.close_ballot(found.ballot_id)

        self.act(ago, do)


def _live(problem_id: int) -> Assignment:
    found = queries.live_assignment(problem_id)
    if found is None:
        raise LookupError(f"problem {problem_id} has no holder")
    return found
