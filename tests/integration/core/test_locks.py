"""Writers don't starve, and a reader is not stopped by them."""

import threading
import time
from statistics import median

from sqlalchemy import func, select

from portal.core.db import db
from portal.core.uow import transaction
from portal.places.models import Compound

WRITERS, EACH = 4, 25
GUARD = 5.0  # seconds; a hang guard, the aim (100 ms) is measured by `make bench`


def test_no_writer_starves(app, world) -> None:
    waits: dict[int, list[float]] = {n: [] for n in range(WRITERS)}
    community = world.community

    def write(number: int) -> None:
        with app.app_context():
            for turn in range(EACH):
                begun = time.perf_counter()
                with transaction():
                    waits[number].append(time.perf_counter() - begun)
                    db.session.add(Compound(community_id=community, name=f"{number}.{turn}"))
            db.session.remove()

    threads = [threading.Thread(target=write, args=(n,)) for n in waits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [len(found) for found in waits.values()] == [EACH] * WRITERS
    assert max(max(found) for found in waits.values()) < GUARD
    assert median(w for found in waits.values() for w in found) < 1


def test_a_reader_reads_while_somebody_writes(app, world) -> None:
    holding, go_on, seen = threading.Event(), threading.Event(), []
    community = world.community

    def write() -> None:
        with app.app_context(), transaction():
            db.session.add(Compound(community_id=community, name="unfinished"))
            db.session.flush()
            holding.set()
            go_on.wait(20)

    writer = threading.Thread(target=write)
    writer.start()
    assert holding.wait(20)
    begun = time.perf_counter()
    seen.append(
        db.session.scalar(
            select(func.count()).select_from(Compound).where(Compound.name == "unfinished")
        )
    )
    took = time.perf_counter() - begun
    db.session.rollback()
    go_on.set()
    writer.join(20)

    assert seen == [0]
    assert took < GUARD
