"""The rating page: who gets in, what it asks, what it says afterwards."""

import pytest

from portal.ballots import queries as ballots
from portal.core.db import db
from portal.core.uow import transaction
from portal.problems import queries as problem_queries
from portal.problems import services as problems
from portal.problems.states import Audience, PhotoKind, ProblemState
from portal.satisfaction import queries
from portal.satisfaction.rules import Grade, Solved
from tests.factories.problems import photo


def rate_url(rounds, problem_id):
    return f"/p/{rounds.problem(problem_id).ref}/rate"


def test_nothing_is_chosen_beforehand_and_the_grades_stand_in_order(rounds, client):
    problem_id = rounds.rating()
    page = client.sign_in("li").get(rate_url(rounds, problem_id))
    assert page.find_all("input", type="radio", checked="") == []
    assert list(page.form("Send my answer").options("grade")) == ["5", "4", "3", "2", "1"]
    assert "With few answers the outcome itself may point to you." in page


def test_an_answer_is_thanked_and_may_be_changed(rounds, client):
    problem_id = rounds.rating()
    url = rate_url(rounds, problem_id)
    page = client.sign_in("li").get(url)
    form = page.form("Send my answer")
    page = form.submit(solved="yes", grade="4", complaints=["slow"], words="都亮了")
    assert page.path.endswith("/rated")
    assert "What happens next" in page
    page = page.click("Change my answer")
    form = page.form("Send my answer")
    assert (form.value("solved"), form.value("grade")) == ("yes", "4")
    assert form.value("words") == "都亮了"
    form.submit(solved="partly", grade="3", complaints=[], words="")
    counted = queries.count(rounds.round(problem_id))
    assert (counted.votes, counted.satisfied) == (1, 1)


def test_the_same_form_twice_is_one_answer(rounds, client):
    problem_id = rounds.rating()
    form = client.sign_in("li").get(rate_url(rounds, problem_id)).form("Send my answer")
    for _press in range(2):
        assert form.submit(solved="yes", grade="5").path.endswith("/rated")
    assert len(ballots.counted(rounds.round(problem_id).ballot_id)) == 1


def test_what_is_missing_is_said_and_what_was_typed_stays(rounds, client):
    problem_id = rounds.rating()
    form = client.sign_in("li").get(rate_url(rounds, problem_id)).form("Send my answer")
    page = form.submit(solved="yes", words="都亮了", expect=422)
    assert "Choose one of the five faces." in page
    again = page.form("Send my answer")
    assert (again.value("solved"), again.value("words")) == ("yes", "都亮了")
    page = again.submit(grade="4", words="亮" * 201, expect=422)
    assert "At most 200 characters" in page
    assert ballots.counted(rounds.round(problem_id).ballot_id) == []


def test_the_reporter_is_told_before_and_after_reopening(rounds, client):
    problem_id = rounds.rating()
    page = client.sign_in("wang").get(rate_url(rounds, problem_id))
    assert "it is reopened at once" in page
    page = page.form("Send my answer").submit(solved="no", grade="1", words="还是不亮")
    assert "It is reopened and done again." in page
    assert "Change my answer" not in page
    assert rounds.problem(problem_id).state is ProblemState.REOPENED


@pytest.mark.parametrize("who", ["cao", "zhao", "lin", "tang"])
def test_who_is_not_asked_is_refused_with_the_reason(rounds, client, who):
    page = client.sign_in(who).get(rate_url(rounds, rounds.rating()), expect=403)
    assert "This is asked of those who reported it" in page


def test_a_visitor_is_asked_to_sign_in_and_strangers_find_nothing_unreleased(rounds, client):
    assert client.get(rate_url(rounds, rounds.rating())).path == "/sign-in"
    hidden = rate_url(rounds, rounds.rating(audience=Audience.STAFF))
    client.again().sign_in("li").get(hidden, expect=404)


def test_before_and_after_the_round_the_page_says_why_not(rounds, client):
    problem_id = rounds.rating()
    url = rate_url(rounds, problem_id)
    client.sign_in("li").get(url.replace("rate", "rated"), expect=403)
    rounds.end()
    assert "The time to answer is over." in client.get(url, expect=403)


def test_the_pictures_are_shown_once_they_are_released(rounds, client):
    problem_id = rounds.rating()
    url = rate_url(rounds, problem_id)
    assert client.sign_in("li").get(url).find_all("figure") == []
    with transaction():
        problem = problem_queries.lock(problem_id)
        problems.add_photo(
            problem,
            photo(rounds.world),
            kind=PhotoKind.BEFORE,
            actor=rounds.actor("wang"),
            now=rounds.now,
        )
        shown = [one.id for one in problem_queries.photos(problem_id, inside=True)]
        problems.publish(problem, photo_ids=shown, actor=rounds.actor("zhao"), now=rounds.now)
    assert len(client.get(url).find_all("img")) >= 2


def test_in_chinese_the_words_are_those_of_the_house(rounds, client):
    problem_id = rounds.rating()
    reader = client.again("zh").sign_in("li")
    page = reader.get(rate_url(rounds, problem_id))
    assert page.h1 == "这件事办得怎么样？"
    grades = list(page.form("交评价").options("grade").values())
    assert grades == ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]


def test_the_page_asks_the_database_little(rounds, client, count_queries):
    problem_id = rounds.rating()
    url = rate_url(rounds, problem_id)
    client.sign_in("li").get(url)
    with count_queries() as asked:
        client.get(url)
    assert asked.count <= 8, asked.statements


def test_the_panel_of_the_problem_page_asks_little(rounds, count_queries):
    problem_id = rounds.rating()
    problem, actor = rounds.problem(problem_id), rounds.actor("li")
    problem.verified_at  # noqa: B018 - loaded before the counting
    with count_queries() as asked:
        assert queries.result_for(problem, actor, rounds.now) is not None
    assert asked.count <= 3, asked.statements
    db.session.rollback()


def test_an_answer_shown_in_a_form_is_the_readers_own(rounds, client):
    problem_id = rounds.rating()
    rounds.rate(problem_id, "li", solved=Solved.YES, grade=Grade.DISSATISFIED, words="慢")
    page = client.sign_in("chen").get(rate_url(rounds, problem_id))
    assert page.find_all("input", type="radio", checked="") == []
    assert "慢" not in page.text
