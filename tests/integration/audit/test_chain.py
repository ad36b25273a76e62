"""The sealed chain: every edit, deletion, insertion, swap and cut tail is found."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from portal.audit import services as audit
from portal.audit.models import AuditEntry, AuditLink
from portal.core.db import db
from portal.core.uow import transaction
from tests.factories.problems import make

LINKS, ENTRIES = AuditLink.__table__, AuditEntry.__table__


@pytest.fixture
def chain(world) -> list[int]:
    """A chain of real acts; returns the entries' ids in order."""
    make(world, "finished")
    make(world, "accepted", reporter="li")
    assert audit.verify().fault == ""
    return list(db.session.scalars(select(AuditLink.entry_id).order_by(AuditLink.seq)))


def tamper(*statements: object) -> None:
    with db.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def test_an_untouched_chain_holds_and_is_gapless(chain) -> None:
    verdict = audit.verify()

    assert verdict.fault == ""
    assert verdict.links == len(chain) > 8
    assert list(db.session.scalars(select(AuditLink.seq).order_by(AuditLink.seq))) == list(
        range(1, len(chain) + 1)
    )


@pytest.mark.parametrize(
    "change",
    [
        {"tag": "problems:problem:decline"},
        {"subject": "problem:99"},
        {"actor_id": 99},
        {"unit_id": 99},
        {"slots": {"problem_id": 99}},
        {"at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"act_id": "0" * 32},
        {"salt": "1" * 32},
        {"digest": "2" * 64},
    ],
)
def test_an_edited_entry_is_found(chain, change) -> None:
    tamper(update(ENTRIES).where(ENTRIES.c.id == chain[3]).values(**change))

    assert "of link 4 was changed" in audit.verify().fault


def test_a_deleted_entry_is_found(chain) -> None:
    tamper(delete(ENTRIES).where(ENTRIES.c.id == chain[3]))

    assert "of link 4 is missing" in audit.verify().fault


def test_a_deleted_entry_with_its_link_is_found(chain) -> None:
    tamper(
        delete(LINKS).where(LINKS.c.entry_id == chain[3]),
        delete(ENTRIES).where(ENTRIES.c.id == chain[3]),
    )

    assert audit.verify().fault == "link 4 is missing"


def test_an_entry_slipped_in_is_found(chain) -> None:
    with db.engine.connect() as connection:
        row = dict(
            connection.execute(select(ENTRIES).where(ENTRIES.c.id == chain[3])).mappings().one()
        )
    row["id"] = max(chain) + 1000
    tamper(
        insert(ENTRIES).values(**row),
        update(LINKS).where(LINKS.c.seq == 5).values(entry_id=row["id"], digest=row["digest"]),
    )

    assert audit.verify().fault != ""


def test_two_swapped_entries_are_found(chain) -> None:
    a, b = chain[2], chain[3]
    tamper(
        update(LINKS).where(LINKS.c.seq == 3).values(entry_id=-1),
        update(LINKS).where(LINKS.c.seq == 4).values(entry_id=a),
        update(LINKS).where(LINKS.c.seq == 3).values(entry_id=b),
    )

    assert "link 3" in audit.verify().fault


def test_a_rewritten_link_is_found(chain) -> None:
    tamper(update(LINKS).where(LINKS.c.seq == 5).values(hash="f" * 64))

    assert audit.verify().fault == "link 5 was changed"


def test_a_cut_tail_is_found_against_the_anchor(chain, tmp_path: Path) -> None:
    anchor = tmp_path / "anchor"
    audit.write_anchor(anchor, datetime.now(UTC))
    audit.write_anchor(anchor, datetime.now(UTC))
    assert len(anchor.read_text().splitlines()) == 1
    assert audit.verify(anchor).fault == ""

    tamper(
        delete(LINKS).where(LINKS.c.seq > len(chain) - 2),
        delete(ENTRIES).where(ENTRIES.c.id.in_(chain[-2:])),
    )

    assert audit.verify().fault == "", "the chain alone can't know"
    assert "was cut" in audit.verify(anchor).fault


def test_a_chain_built_anew_differs_from_its_anchor(chain, tmp_path: Path) -> None:
    anchor = tmp_path / "anchor"
    audit.write_anchor(anchor, datetime.now(UTC))
    tamper(
        delete(LINKS),
        delete(ENTRIES).where(ENTRIES.c.id == chain[0]),
    )
    audit.verify()
    make_seq = db.session.scalars(select(AuditLink.seq).order_by(AuditLink.seq.desc())).first()
    assert make_seq == len(chain) - 1

    assert audit.verify(anchor).fault != ""


def test_two_sealers_make_one_chain(app, world) -> None:
    for _ in range(3):
        make(world)
    faults = []

    def seal() -> None:
        try:
            with app.app_context():
                for _ in range(10):
                    audit.seal(limit=2)
                db.session.remove()
        except Exception as error:  # noqa: BLE001 - shown below
            faults.append(error)

    threads = [threading.Thread(target=seal) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert faults == []
    assert audit.verify().fault == ""


def test_an_act_that_is_undone_leaves_no_entry(world) -> None:
    before = audit.verify().links
    with pytest.raises(ZeroDivisionError), transaction():
        raise ZeroDivisionError

    assert audit.verify().links == before


def test_nothing_personal_stands_in_the_chain(chain) -> None:
    everything = str([dict(row) for row in db.session.execute(select(ENTRIES)).mappings()])

    for secret in ("王", "楼道", "朝阳里", "13900000001", "修好"):
        assert secret not in everything
