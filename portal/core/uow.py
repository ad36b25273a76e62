"""The unit of work: one act, one transaction, one `act_id`.

Services flush and call `record`; they never commit. Before the single commit each fact is handed
to the bus, reactions may record more, and an exception undoes the whole act.
"""

import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import current_app

from portal.core.bus import Bus
from portal.core.db import WRITE, db, write_lock
from portal.core.events import Event


@dataclass
class UnitOfWork:
    """The facts of one act, in order."""

    bus: Bus
    act_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    pending: deque[Event] = field(default_factory=deque)
    has_root: bool = False

    def settle(self) -> None:
        """Hand every fact to the bus until none is left."""
        while self.pending:
            self.bus.publish(self.pending.popleft(), self.act_id)
        db.session.flush()


def record(event: Event) -> None:
    """Record a fact of the act under way; raises RuntimeError outside `transaction`."""
    current().pending.append(event)


def current() -> UnitOfWork:
    """Return the act under way; raises RuntimeError outside `transaction`."""
    unit = db.session.info.get("uow")
    if unit is None:
        raise RuntimeError("an act needs `with transaction():` around it")
    return unit  # type: ignore[no-any-return]


@contextmanager
def transaction() -> Iterator[UnitOfWork]:
    """Run one act. Ends the read transaction first, so load again what you change."""
    if db.session.info.get("uow") is not None:
        raise RuntimeError("an act can't stand inside another")
    db.session.rollback()
    with write_lock():
        db.session.connection(execution_options={WRITE: True})
        unit = UnitOfWork(bus=current_app.extensions["bus"])
        db.session.info["uow"] = unit
        try:
            yield unit
            unit.settle()
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        finally:
            db.session.info.pop("uow", None)
