"""Impatient people: every form is sent twice at the same moment, and counts once."""

import re

import pytest
from sqlalchemy import func, select

from portal.ballots.models import Turnout, Vote
from portal.core.db import db
from portal.problems.models import Problem
from tests.factories.problems import make
from tests.support.page_client import PageClient
from tests.support.pictures import picture
from tests.support.together import together

FEW, MANY = 4, 1000
COUNTS = [FEW, pytest.param(MANY, marks=pytest.mark.check)]
RATERS = ("wang", "li", "chen", "liu")


def _fine(answers) -> None:
    for answer in answers:
        assert answer.status_code < 500, answer.get_data(as_text=True)[:2000]


@pytest.mark.parametrize("count", COUNTS)
def test_double_submissions_make_one_problem_each(app, live, count) -> None:
    client = PageClient(app, live=live.url, check=False).sign_in("wang")
    for number in range(count):
        page = (
            client.get("/report")
            .form("Next")
            .submit(body=f"第 {number} 盏路灯不亮。", photos=[picture()] if number % 4 == 0 else [])
        )
        page = page.form("place-form").submit("Show its buildings", community_id="朝阳里")
        page = page.form("place-form").submit("Next", building_id="7 号楼", address="门口")
        send = page.form("send-form").ready("Send it in", audience="public")
        answers = together(send, send)
        _fine(answers)
        assert {a.status_code for a in answers} == {303}
        assert len({a.location for a in answers}) == 1
        assert re.fullmatch(r"/report/done/\d{12}", answers[0].location)

    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Problem)) == count


@pytest.mark.parametrize("count", COUNTS)
def test_double_ratings_count_once_each(app, world, live, count) -> None:
    """Everyone rates from two browsers at the same moment."""
    refs = [make(world, "verified").ref for _ in range(count // len(RATERS))]
    pairs = [
        [PageClient(app, live=live.url, check=False).sign_in(key) for _ in range(2)]
        for key in RATERS
    ]
    for ref in refs:
        for pair in pairs:
            sends = [
                client.get(f"/p/{ref}/rate").form("rate").ready(solved="yes", grade=str(grade))
                for client, grade in zip(pair, (5, 4), strict=True)
            ]
            answers = together(*sends)
            _fine(answers)
            assert 303 in {a.status_code for a in answers}

    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Turnout)) == count
    valid = select(func.count()).select_from(Vote).where(Vote.superseded_at.is_(None))
    assert db.session.scalar(valid) == count
