"""The judging rule: as a table, and against a second implementation that recounts (G5)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ballots.rules import reaches
from portal.satisfaction import rules
from portal.satisfaction.rules import (
    Answer,
    Capacity,
    Complaint,
    FailedBy,
    Grade,
    Measures,
    RoundOutcome,
    Solved,
    Verdict,
)

MEASURES = Measures(quorum=3, threshold=(60, 100), supporters_share=(1, 2))
R, S, N = Capacity.REPORTER, Capacity.SUPPORTER, Capacity.RESIDENT
YES = Answer(Solved.YES, Grade.SATISFIED)
BASIC = Answer(Solved.PARTLY, Grade.BASICALLY)
LOW = Answer(Solved.YES, Grade.DISSATISFIED)
NO = Answer(Solved.NO, Grade.VERY_SATISFIED)
UNKNOWN = Answer(Solved.UNKNOWN, Grade.VERY_SATISFIED)
PASSED = Verdict(RoundOutcome.PASSED)
TOO_FEW = Verdict(RoundOutcome.TOO_FEW)


def failed(by):
    return Verdict(RoundOutcome.FAILED, by)


@pytest.mark.parametrize(
    ("votes", "supporters", "verdict"),
    [
        pytest.param([], 0, TOO_FEW, id="silence"),
        pytest.param([(R, YES), (N, YES)], 0, TOO_FEW, id="two opinions of three"),
        pytest.param([(R, YES), (N, YES), (N, YES)], 0, PASSED, id="the minimum"),
        pytest.param([(N, YES), (N, YES), (N, UNKNOWN)], 0, TOO_FEW, id="no opinion is none"),
        pytest.param([(N, BASIC)] * 3, 0, PASSED, id="基本满意 and partly are satisfied"),
        pytest.param([(N, LOW)] * 3, 0, failed(FailedBy.AREA), id="solved but badly handled"),
        pytest.param([(N, NO)] * 3, 0, failed(FailedBy.AREA), id="not solved, whatever the grade"),
        pytest.param([(N, YES)] * 3 + [(N, LOW)] * 2, 0, PASSED, id="exactly the threshold"),
        pytest.param(
            [(N, YES)] * 59 + [(N, LOW)] * 41, 0, failed(FailedBy.AREA), id="just below it"
        ),
        pytest.param([(R, NO)], 0, failed(FailedBy.REPORTER), id="the reporter alone"),
        pytest.param(
            [(R, NO)] + [(N, YES)] * 90, 0, failed(FailedBy.REPORTER), id="whatever the area says"
        ),
        pytest.param(
            [(R, LOW)] + [(N, YES)] * 4, 0, PASSED, id="a reporter's low grade is no 没解决"
        ),
        pytest.param([(S, NO)], 2, failed(FailedBy.SUPPORTERS), id="half of the supporters"),
        pytest.param(
            [(S, NO)] + [(N, YES)] * 4, 3, PASSED, id="one supporter of three, the others silent"
        ),
        pytest.param([(R, NO), (S, NO)], 1, failed(FailedBy.REPORTER), id="the reporter first"),
    ],
)
def test_rounds_are_judged(votes, supporters, verdict):
    assert rules.judge(rules.count(votes, supporters=supporters), MEASURES) == verdict


answers = st.builds(
    Answer,
    st.sampled_from(Solved),
    st.sampled_from(Grade),
    st.lists(st.sampled_from(Complaint), unique=True).map(tuple),
)
shares = st.integers(1, 100).flatmap(lambda b: st.tuples(st.integers(1, b), st.just(b)))
measures = st.builds(Measures, st.integers(0, 6), shares, shares)


@st.composite
def rounds(draw):
    """A roll and its votes: at most one reporter, no more votes than electors."""
    supporters = draw(st.integers(0, 6))
    votes = [(S, draw(answers)) for _ in range(draw(st.integers(0, supporters)))]
    votes += [(N, answer) for answer in draw(st.lists(answers, max_size=12))]
    if draw(st.booleans()):
        votes.append((R, draw(answers)))
    return draw(st.permutations(votes)), supporters


def recount(votes, supporters, measured):
    """Judge again from the stored choices alone, in another way: with fractions, one by one."""
    tally = {"in": 0, "good": 0, "against": 0}
    for capacity, answer in votes:
        choice = answer.as_choice()
        if choice["solved"] == "no" and capacity == "reporter":
            return "failed", "reporter"
        if choice["solved"] == "no" and capacity == "supporter":
            tally["against"] += 1
        if choice["solved"] != "unknown":
            tally["in"] += 1
            tally["good"] += choice["solved"] != "no" and choice["grade"] > 2
    if supporters and Fraction(tally["against"], supporters) >= Fraction(
        *measured.supporters_share
    ):
        return "failed", "supporters"
    if tally["in"] == 0 or tally["in"] < measured.quorum:
        return "too_few", None
    if Fraction(tally["good"], tally["in"]) >= Fraction(*measured.threshold):
        return "passed", None
    return "failed", "area"


@given(rounds(), measures)
def test_two_counts_agree(drawn, measured):
    votes, supporters = drawn
    verdict = rules.judge(rules.count(votes, supporters=supporters), measured)
    assert (verdict.outcome, verdict.failed_by) == recount(votes, supporters, measured)


@given(rounds(), measures, answers)
def test_the_area_never_cancels_a_reopening(drawn, measured, answer):
    votes, supporters = drawn
    before = rules.reopens_at_once(rules.count(votes, supporters=supporters), measured)
    after = rules.judge(rules.count([*votes, (N, answer)], supporters=supporters), measured)
    if before is not None:
        assert after == failed(before)


@given(rounds(), measures)
def test_order_does_not_count(drawn, measured):
    votes, supporters = drawn
    ways = (votes, votes[::-1])
    assert len({rules.judge(rules.count(v, supporters=supporters), measured) for v in ways}) == 1


@given(answers)
def test_an_answer_survives_storing(answer):
    assert Answer.of(answer.as_choice()) == answer


@pytest.mark.parametrize(
    "choice",
    [
        {"solved": "maybe", "grade": 5, "complaints": []},
        {"solved": "yes", "grade": 6, "complaints": []},
        {"solved": "yes", "grade": 5, "complaints": ["bribes"]},
        {"grade": 5, "complaints": []},
    ],
)
def test_a_choice_that_is_none_of_the_questions_is_refused(choice):
    with pytest.raises((ValueError, KeyError)):
        Answer.of(choice)


@pytest.mark.parametrize(("votes", "shown"), [(0, False), (4, False), (5, True), (6, True)])
def test_small_groups_are_hidden(votes, shown):
    assert rules.enough_to_show(votes, 5) is shown


people = st.integers(1, 8)


@given(st.none() | people, st.lists(people), st.lists(people), st.sets(people))
def test_everyone_stands_on_the_roll_once_and_the_barred_never(reporter, others, near, barred):
    roll = rules.roll(reporter, others, near, barred)
    assert set(roll) == ({reporter} | set(others) | set(near)) - barred - {None}
    for person, capacity in roll.items():
        expected = R if person == reporter else S if person in others else N
        assert capacity is expected


@given(st.integers(0, 50), st.integers(0, 50), shares)
def test_shares_are_compared_exactly(part, whole, share):
    expected = whole > 0 and Fraction(part, whole) >= Fraction(*share)
    assert reaches(part, whole, share) is expected
