"""事不完、人不撤: sign-offs, supervisors, holds, hand-backs, and what the problems become."""

import pytest

from portal.core.db import db
from portal.core.errors import Forbidden, Refused
from portal.core.uow import transaction
from portal.problems import queries as problem_queries
from portal.problems import services as problem_services
from portal.problems.models import Grant, Problem
from portal.whistles import queries, services
from portal.whistles.models import Callout, Whistle
from portal.whistles.services import PlannedUnit
from portal.whistles.states import Kind
from tests.factories import calls


def act(service, line, who, world, **words):
    with transaction():
        return service(
            queries.lock_callout(line.id), actor=world.actor(who), now=calls.now(), **words
        )


def state(line):
    return db.session.get_one(Callout, line.id, populate_existing=True).state


def test_nobody_stands_down_before_the_supervisor_signs(world):
    whistle = calls.make(world)
    with transaction():
        services.open_supervisor_slot(whistle.id, placed_by="visit:1", now=calls.now())
        services.open_supervisor_slot(whistle.id, placed_by="visit:1", now=calls.now())
    line = calls.go(world, calls.callout(whistle, "yunhu-gas"), "stood_down")
    assert line.state == "done"
    with transaction():
        services.sign_as_supervisor(
            whistle.id, placed_by="visit:1", person_id=world.person("liu"), now=calls.now()
        )
    assert state(line) == "stood_down"


def test_a_supervisors_refusal_sends_the_department_back_to_work(world):
    whistle = calls.make(world)
    with transaction():
        services.open_supervisor_slot(whistle.id, placed_by="visit:1", now=calls.now())
    line = calls.go(world, calls.callout(whistle, "yunhu-gas"), "stood_down")
    with transaction():
        services.refuse_as_supervisor(
            whistle.id, placed_by="visit:1", reason="还漏。", now=calls.now()
        )
    line = calls.callout(whistle, "yunhu-gas")
    assert (line.state, line.result_at, line.refusals) == ("acting", None, 1)
    with pytest.raises(Forbidden, match="result_first"):
        act(services.ask_stand_down, line, "ma", world)
    with transaction():
        services.close_supervisor_slot(whistle.id, placed_by="visit:1", now=calls.now())
    assert calls.go(world, line, "stood_down").state == "stood_down"


def test_a_hold_blocks_until_it_is_lifted(world):
    whistle = calls.make(world)
    with transaction():
        services.place_hold(
            whistle.id, reason="supervision_open", placed_by="visit:2", now=calls.now()
        )
    line = calls.go(world, calls.callout(whistle, "yunhu-gas"), "stood_down")
    assert line.state == "done"
    with transaction():
        services.lift_hold(whistle.id, placed_by="visit:2", now=calls.now())
    assert state(line) == "stood_down"


def test_the_street_refuses_and_the_result_is_recorded_anew(world):
    whistle = calls.make(world)
    line = calls.go(world, calls.callout(whistle, "yunhu-gas"), "done")
    act(services.refuse_sign_off, line, "zhao", world, reason="没修好。")
    assert state(line) == "acting"
    line = calls.go(world, calls.callout(whistle, "yunhu-gas"), "stood_down")
    assert line.state == "stood_down"


def test_a_department_may_not_sign_itself_off(world):
    whistle = calls.make(world)
    line = calls.go(world, calls.callout(whistle, "yunhu-gas"), "done")
    with pytest.raises(Forbidden, match="not_your_street"):
        act(services.sign_off, line, "ma", world)


def test_a_result_needs_a_photo(world):
    whistle = calls.make(world)
    line = calls.go(world, calls.callout(whistle, "yunhu-gas"), "reported_in")
    with pytest.raises(Refused, match="evidence_missing"):
        act(services.record_result, line, "ma", world, outcome="fixed", words="好了。")


def test_rerouting_calls_another_with_its_own_clocks(world, travel):
    whistle = calls.make(world)
    line = calls.callout(whistle, "yunhu-gas")
    act(services.hand_back, line, "ma", world, cited_item_id=calls.item(5), reason="不归我。")
    travel(minutes=10)
    instead = act(
        services.reroute, line, "zhao", world, unit_id=calls.unit("yunhu-chengguan").id, task=""
    )
    assert state(line) == "rerouted"
    instead = db.session.get_one(Callout, instead.id)
    assert instead.is_lead
    assert instead.arrive_due_at > line.arrive_due_at
    problem_id = queries.problem_ids(whistle.id)[0]
    assert db.session.get(Grant, (problem_id, instead.unit_id)) is not None


def test_hand_back_cites_the_list_and_the_district_rules(world):
    whistle = calls.make(world)
    line = calls.callout(whistle, "yunhu-gas")
    with pytest.raises(Refused, match="cite_the_list"):
        act(services.hand_back, line, "ma", world, cited_item_id=None, reason="不归我。")
    act(services.hand_back, line, "ma", world, cited_item_id=calls.item(5), reason="不归我。")
    with pytest.raises(Forbidden, match="for_district"):
        act(services.overrule_hand_back, line, "zhao", world, reason="归你。")
    act(services.overrule_hand_back, line, "lin", world, reason="归你。")
    assert state(line) == "acknowledged"


def test_a_whistle_whose_lines_all_were_upheld_came_to_nothing(world):
    matter = calls.problem(world)
    whistle = calls.make(world, "emergency", matter)
    for code, who in (("yunhu-gas", "ma"), ("wanghu-power", "xu")):
        line = calls.callout(whistle, code)
        act(services.hand_back, line, who, world, cited_item_id=calls.item(5), reason="不归我。")
        act(services.uphold_hand_back, line, "lin", world, reason="确实。")
    assert db.session.get_one(Whistle, whistle.id).state == "cancelled"
    assert db.session.get_one(Problem, matter.id).state == "handling"


def test_hand_over_needs_a_successor_on_site(world):
    whistle = calls.make(world)
    line = calls.go(world, calls.callout(whistle, "yunhu-gas"), "reported_in")
    other = calls.callout(whistle, "wanghu-power")
    with pytest.raises(Forbidden, match="successor_not_there"):
        act(services.hand_over, line, "zhao", world, successor=queries.fresh(other.id))
    other = calls.go(world, other, "reported_in")
    act(services.hand_over, line, "zhao", world, successor=queries.fresh(other.id))
    assert state(line) == "handed_over"
    assert db.session.get_one(Callout, other.id).is_lead


def test_a_problem_leaves_when_its_last_live_whistle_ends(world):
    matter = calls.problem(world)
    first = calls.make(world, "emergency", matter)
    second = calls.make(world, "emergency", matter)
    for code in ("yunhu-gas", "wanghu-power"):
        calls.go(world, calls.callout(first, code), "stood_down")
    assert db.session.get_one(Whistle, first.id).state == "completed"
    assert db.session.get_one(Problem, matter.id).state == "whistled"
    with transaction():
        services.cancel(
            queries.lock(second.id), reason="已办好。", actor=world.actor("he"), now=calls.now()
        )
    assert db.session.get_one(Problem, matter.id).state == "handling"


def test_rated_when_its_problem_is_closed(world):
    matter = calls.problem(world)
    whistle = calls.make(world, "emergency", matter)
    for code in ("yunhu-gas", "wanghu-power"):
        calls.go(world, calls.callout(whistle, code), "stood_down")
    with transaction():
        problem_services.verify(
            problem_queries.lock(matter.id), finding="看过。", actor=world.actor("zhou"),
            now=calls.now(),
        )  # fmt: skip
    with transaction():
        problem_services.close(
            problem_queries.lock(matter.id), outcome="satisfied", now=calls.now()
        )
    assert db.session.get_one(Whistle, whistle.id).state == "rated"
    with transaction():
        services.archive(queries.lock(whistle.id), now=calls.now())
    assert db.session.get_one(Whistle, whistle.id).state == "archived"


# --- before the blast ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("wanghu-team", "own_team_assigned"),
        ("chaoyangli-property", "not_a_department"),
    ],
)
def test_who_is_never_called_is_refused_with_the_reason(world, code, reason):
    matter = calls.problem(world)
    plan = calls.plan(units=(PlannedUnit(calls.unit(code).id, is_lead=True),))
    with pytest.raises(Refused, match=reason), transaction():
        services.draft(
            [problem_queries.lock(matter.id)], plan, actor=world.actor("zhao"), now=calls.now()
        )


def test_the_gate_blocks_until_a_leader_overrides_in_writing(world):
    matter = calls.problem(world, "enforcement", tried=False)
    whistle = calls.draft(world, "enforcement", matter)
    assert queries.failed_answers(whistle.id) == 1
    with transaction():
        services.request_approval(
            queries.lock(whistle.id), actor=world.actor("zhao"), now=calls.now()
        )
    with pytest.raises(Refused, match="gate_failed"), transaction():
        services.approve(queries.lock(whistle.id), actor=world.actor("he"), now=calls.now())
    with pytest.raises(Forbidden, match="for_street_leader"), transaction():
        services.override_gate(
            queries.lock(whistle.id), reason="急。", actor=world.actor("zhao"), now=calls.now()
        )
    with transaction():
        services.override_gate(
            queries.lock(whistle.id), reason="连续三夜。", actor=world.actor("he"), now=calls.now()
        )
        services.approve(queries.lock(whistle.id), actor=world.actor("he"), now=calls.now())
    assert db.session.get_one(Whistle, whistle.id).state == "approved"


def test_a_second_whistle_next_door_is_a_duplicate(world):
    calls.make(world)
    second = calls.draft(world)
    answers = {str(a.question): a.passed for a in queries.gate_answers(second.id)}
    assert [question for question, passed in answers.items() if not passed] == ["not_duplicate"]


def test_enforcement_needs_a_time_to_come(world):
    matter = calls.problem(world, "enforcement")
    for at, reason in ((None, "appointment_missing"), (calls.now(), "appointment_past")):
        plan = calls.plan("enforcement", appointed_at=at)
        with pytest.raises(Refused, match=reason), transaction():
            services.draft(
                [problem_queries.lock(matter.id)], plan, actor=world.actor("zhao"), now=calls.now()
            )


def test_one_lead_exactly(world):
    matter = calls.problem(world)
    units = tuple(PlannedUnit(calls.unit(c).id) for c in ("yunhu-gas", "wanghu-power"))
    with pytest.raises(Refused, match="one_lead"), transaction():
        services.draft(
            [problem_queries.lock(matter.id)], calls.plan(units=units),
            actor=world.actor("zhao"), now=calls.now(),
        )  # fmt: skip


def test_key_work_has_a_first_contact(world):
    whistle = calls.make(world, "key_work")
    assert whistle.kind is Kind.KEY_WORK
    line = calls.go(world, calls.callout(whistle, "yunhu-zhujian"), "acknowledged")
    act(services.contact, line, "feng", world, words="周四来看。")
    assert calls.callout(whistle, "yunhu-zhujian").contacted_at is not None
    with pytest.raises(Forbidden, match="wrong_state"):
        act(services.contact, line, "feng", world, words="再联系。")


def test_a_call_written_down_by_the_street_says_so(world):
    whistle = calls.make(world)
    line = calls.callout(whistle, "yunhu-gas")
    act(services.acknowledge, line, "zhao", world)
    assert calls.callout(whistle, "yunhu-gas").proof == "recorded"
    other = calls.go(world, calls.callout(whistle, "wanghu-power"), "acknowledged")
    assert other.proof == "self"


def test_one_live_line_a_department(world):
    whistle = calls.make(world)
    with pytest.raises(Refused, match="called_already"), transaction():
        services.call_more(
            queries.lock(whistle.id), unit_id=calls.unit("yunhu-gas").id, task="",
            actor=world.actor("zhao"), now=calls.now(),
        )  # fmt: skip


def test_nudging_rests_for_five_minutes(world, travel):
    whistle = calls.make(world)
    line = calls.callout(whistle, "yunhu-gas")
    act(services.nudge, line, "zhao", world)
    with pytest.raises(Refused, match="nudged_lately"):
        act(services.nudge, line, "zhao", world)
    travel(minutes=5)
    act(services.nudge, line, "zhao", world)
    assert calls.callout(whistle, "yunhu-gas").nudges == 2
