"""How long a writer waits for its turn while four processes write as fast as they can.

`python -m tests.bench.writers SECONDS` is one of the four: it submits problems through the
portal's own act and prints its longest waits and its acts as JSON.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from portal.app import create_app
from portal.core import uow
from portal.core.actor import Actor
from portal.core.db import db
from portal.problems import services
from portal.problems.services.intake import NewProblem
from portal.problems.states import Audience
from tests.bench.databases import Database
from tests.bench.results import CannotMeasure, Line
from tests.bench.servers import ROOT, environment
from tests.bench.world import RESIDENT, community_id, street_id

WRITERS = 4
WORST_MS = 100.0


def worst_wait(database: Database, seconds: float) -> Iterator[Line]:
    """Let four processes write at once and return the longest wait of any act of any of them."""
    env = environment(database, 5999)
    begin = time.time() + 4  # all have started by then
    children = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.bench.writers", str(begin), str(seconds)],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
        )
        for _ in range(WRITERS)
    ]
    found = []
    for child in children:
        out, _ = child.communicate(timeout=seconds + 60)
        if child.returncode:
            raise CannotMeasure("a writer failed")
        found.append(json.loads(out.splitlines()[-1]))
    acts = sum(one["acts"] for one in found)
    waits = sorted(wait for one in found for wait in one["waits"])
    yield Line(
        database.kind,
        f"worst wait of {WRITERS} writers",
        waits[-1] * 1000,
        "ms",
        WORST_MS,
        at_least=False,
        note=(
            f"{acts / seconds:,.0f} acts/s in all; median {waits[len(waits) // 2] * 1000:.1f} ms, "
            f"99 % {waits[int(len(waits) * 0.99)] * 1000:.1f} ms, "
            f"a turn lasts at most {max(one['held'] for one in found) * 1000:.0f} ms"
        ),
    )


def write(begin: float, seconds: float) -> dict[str, object]:
    """Submit problems from `begin` on for some seconds."""
    app = create_app()
    waits: list[float] = []
    held = 0.0
    actor = Actor(person_id=RESIDENT, name="王女士")
    with app.app_context():
        _submit(actor)  # the first act reads rules and compiles statements
        time.sleep(max(0.0, begin - time.time()))
        stop_at = time.monotonic() + seconds
        while time.monotonic() < stop_at:
            asked = time.monotonic()
            entered = _submit(actor)
            waits.append(entered - asked)
            held = max(held, time.monotonic() - entered)
        db.session.remove()
        db.engine.dispose()
    return {"acts": len(waits), "waits": waits, "held": held}


def _submit(actor: Actor) -> float:
    """Submit one problem; returns when the act had its turn."""
    with uow.transaction():
        entered = time.monotonic()
        services.submit(
            NewProblem(
                title="路灯不亮",
                body="路灯不亮三天，老人不敢出门。",
                district_id=1,
                street_id=street_id(0),
                community_id=community_id(0, 0),
                audience=Audience.PUBLIC,
            ),
            reporter_id=RESIDENT,
            actor=actor,
            now=datetime.now(UTC),
        )
    db.session.remove()
    return entered


if __name__ == "__main__":
    print(json.dumps(write(float(sys.argv[1]), float(sys.argv[2]))))
