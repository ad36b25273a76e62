"""Write entries in the act's transaction; seal them into the chain from the worker."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, text

from portal.audit import rules
from portal.audit.models import AuditEntry, AuditLink
from portal.core import clock, uow
from portal.core.db import db
from portal.core.events import Event
from portal.core.uow import transaction

SEAL_LOCK = 0x57554641
BATCH = 5000


def write(event: Event, act_id: str) -> None:
    """Write the entry of one fact; subscribed to every fact on the bus."""
    salt = secrets.token_hex(16)
    slots = event.slots()
    act = uow.current()
    is_root, act.has_root = not act.has_root, True
    db.session.add(
        AuditEntry(
            act_id=act_id,
            at=event.at,
            tag=event.tag,
            subject=event.subject,
            actor_id=event.actor_id,
            unit_id=event.unit_id,
            slots=slots,
            is_root=is_root,
            salt=salt,
            digest=rules.digest(
                salt=salt,
                act_id=act_id,
                at=event.at,
                tag=event.tag,
                subject=event.subject,
                actor_id=event.actor_id,
                unit_id=event.unit_id,
                slots=slots,
            ),
        )
    )


def is_waiting() -> bool:
    """Tell, without writing, whether an entry came after the last sealed one."""
    entry = db.session.scalar(select(func.max(AuditEntry.id))) or 0
    link = db.session.scalar(select(func.max(AuditLink.entry_id))) or 0
    return entry > link


def seal(limit: int = BATCH, *, from_start: bool = False) -> int:
    """Chain up to `limit` entries that are not sealed yet; returns how many.

    Looks back one batch of ids; `from_start` looks at all, for commits that came later still.
    One sealer at a time: SQLite by the write lock, PostgreSQL by an advisory lock.
    """
    with transaction():
        if db.session.get_bind().dialect.name == "postgresql":
            db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SEAL_LOCK})
        last = db.session.scalars(select(AuditLink).order_by(AuditLink.seq.desc()).limit(1)).first()
        seq, running = (last.seq, last.hash) if last else (0, rules.GENESIS)
        now = clock.now()
        waiting = db.session.execute(
            select(AuditEntry.id, AuditEntry.digest)
            .outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
            .where(
                AuditLink.seq.is_(None), AuditEntry.id > (0 if from_start else _settled_before())
            )
            .order_by(AuditEntry.id)
            .limit(limit)
        ).all()
        for entry_id, digest in waiting:
            seq += 1
            running = rules.link(running, seq, digest)
            db.session.add(
                AuditLink(seq=seq, entry_id=entry_id, digest=digest, hash=running, sealed_at=now)
            )
        return len(waiting)


def _settled_before() -> int:
    """Return an id below which everything is sealed, so that sealing never scans the past.

    Ids are given before commit, so a late committer may leave a gap behind: look back one batch.
    """
    highest = db.session.scalar(select(func.max(AuditLink.entry_id))) or 0
    return max(0, highest - BATCH)


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: how many links, the head, and the first fault if any."""

    links: int
    head: str
    fault: str = ""


def verify(anchor: Path | None = None) -> Verdict:
    """Seal, then walk the chain from the start and recompute everything.

    Detects edits, deletions, insertions and swaps; with `anchor` (a file of earlier heads, one
    `seq hash` a line) a cut tail too.
    """
    while seal(from_start=True):
        pass
    anchored = dict(_read_anchor(anchor)) if anchor and anchor.exists() else {}
    running, expected = rules.GENESIS, 0
    for entry_id, seq, digest, stored, entry in _walk():
        expected += 1
        if seq != expected:
            return Verdict(expected - 1, running, f"link {expected} is missing")
        if entry is None:
            return Verdict(seq - 1, running, f"entry {entry_id} of link {seq} is missing")
        if entry.digest != digest or _recomputed(entry) != digest:
            return Verdict(seq - 1, running, f"entry {entry_id} of link {seq} was changed")
        running = rules.link(running, seq, digest)
        if running != stored:
            return Verdict(seq - 1, running, f"link {seq} was changed")
        if anchored.get(seq, running) != running:
            return Verdict(seq - 1, running, f"link {seq} differs from its anchor")
    if anchored and max(anchored) > expected:
        return Verdict(expected, running, f"the tail after link {expected} was cut")
    return Verdict(expected, running)


def write_anchor(path: Path, now: datetime) -> None:
    """Append the chain's head to a file that an operator keeps elsewhere."""
    last = db.session.scalars(select(AuditLink).order_by(AuditLink.seq.desc()).limit(1)).first()
    if last is None:
        return
    known = dict(_read_anchor(path)) if path.exists() else {}
    if last.seq not in known:
        with path.open("a") as file:
            file.write(f"{last.seq} {last.hash} {now.isoformat(timespec='seconds')}\n")


def _read_anchor(path: Path) -> Iterator[tuple[int, str]]:
    for line in path.read_text().splitlines():
        seq, head, *_rest = line.split()
        yield int(seq), head


def _walk() -> Iterator[tuple[int, int, str, str, AuditEntry | None]]:
    at = 0
    while True:
        rows = db.session.execute(
            select(AuditLink, AuditEntry)
            .outerjoin(AuditEntry, AuditEntry.id == AuditLink.entry_id)
            .where(AuditLink.seq > at)
            .order_by(AuditLink.seq)
            .limit(BATCH)
        ).all()
        if not rows:
            return
        for link, entry in rows:
            yield link.entry_id, link.seq, link.digest, link.hash, entry
        at = rows[-1][0].seq
        db.session.expunge_all()


def _recomputed(entry: AuditEntry) -> str:
    return rules.digest(
        salt=entry.salt,
        act_id=entry.act_id,
        at=entry.at,
        tag=entry.tag,
        subject=entry.subject,
        actor_id=entry.actor_id,
        unit_id=entry.unit_id,
        slots=entry.slots,
    )
