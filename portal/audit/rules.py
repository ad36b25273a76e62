"""The arithmetic of the chain: what an entry's digest and a link's hash are made of."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

GENESIS = "0" * 64


def digest(
    *,
    salt: str,
    act_id: str,
    at: datetime,
    tag: str,
    subject: str,
    actor_id: int | None,
    unit_id: int | None,
    slots: Mapping[str, object],
) -> str:
    """Return the salted digest of one entry; erasing the salt unlinks it from its content."""
    body = json.dumps(
        [act_id, at.astimezone(UTC).isoformat(), tag, subject, actor_id, unit_id, slots],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(f"{salt}\0{body}".encode()).hexdigest()


def link(previous: str, seq: int, entry_digest: str) -> str:
    """Return the hash that chains entry `seq` to the one before."""
    return hashlib.sha256(f"{previous}:{seq}:{entry_digest}".encode()).hexdigest()
