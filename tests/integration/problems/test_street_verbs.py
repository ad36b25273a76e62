"""The street's triage through its forms: what each verb asks, refuses and leaves behind."""

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.uow import transaction
from portal.problems import queries, services
from portal.problems.models import Problem, Step, Supporter
from portal.problems.states import Audience, ProblemState
from portal.rulebook import queries as rulebook
from tests.factories import problems
from tests.factories.world import World
from tests.support.moment import Clock
from tests.support.page_client import PageClient
from tests.support.pictures import picture

P = ProblemState
WRITTEN = "去现场看过，已经办好。"


def fresh(problem: Problem) -> Problem:
    db.session.rollback()
    return db.session.get_one(Problem, problem.id, populate_existing=True)


def steps(problem: Problem) -> list[str]:
    return list(
        db.session.scalars(select(Step.tag).where(Step.problem_id == problem.id).order_by(Step.id))
    )


# --- accept -------------------------------------------------------------------------------------


def test_accept_and_hand_on_is_one_act(world: World, client: PageClient) -> None:
    problem = problems.make(world)
    page = client.sign_in("zhao").get(f"/p/{problem.ref}/accept?then=community&next=/dispatch")
    page = page.form("Accept").submit(urgency="L2")
    assert page.path == "/dispatch"
    now = fresh(problem)
    assert (now.state, now.urgency) == (P.HANDLING, "L2")
    assert now.released_at is not None
    held = queries.live_assignment(problem.id)
    assert held is not None
    assert held.holder.code == "chaoyangli-committee"
    book = rulebook.book(now.edition_id)
    assert now.limit_at == book.due("problems.limit.L2", now.accepted_at or now.submitted_at)


def test_accept_asks_for_the_urgency_and_keeps_what_was_typed(
    world: World, client: PageClient
) -> None:
    problem = problems.make(world)
    page = client.sign_in("zhao").get(f"/p/{problem.ref}/accept")
    page = page.form("Accept").submit(expect=422, note="先打电话")
    assert "Choose how urgent it is" in page
    assert page.form("Accept").value("note") == "先打电话"
    assert fresh(problem).state is P.SUBMITTED
    page = page.form("Accept").submit(urgency="L3", then="other", expect=422)
    assert "Choose which unit gets it." in page
    page.form("Accept").submit(urgency="L3", then="other", holder="wanghu-power")
    assert fresh(problem).state is P.HANDLING


def test_photos_become_public_one_by_one(world: World, client: PageClient) -> None:
    with transaction():
        pictures = [problems.photo(world, colour) for colour in ("red", "blue")]
    problem = problems.make(world, photos=[db.session.merge(one) for one in pictures])
    client.sign_in("zhao")
    form = client.get(f"/p/{problem.ref}/accept").form("Accept")
    first, second = form.options("photos")
    form.submit(urgency="L3", photos=[second])
    released = {
        str(photo.id): photo.released_at is not None
        for photo in queries.photos(problem.id, inside=True)
    }
    assert released == {first: False, second: True}


def test_photos_are_never_public_without_the_text(world: World, client: PageClient) -> None:
    with transaction():
        media = problems.photo(world)
    problem = problems.make(world, photos=[db.session.merge(media)])
    client.sign_in("zhao")
    form = client.get(f"/p/{problem.ref}/accept").form("Accept")
    page = form.submit(urgency="L3", photos=list(form.options("photos")), release=False, expect=422)
    assert "Photos are published with the text only" in page
    assert fresh(problem).state is P.SUBMITTED


def test_what_is_for_staff_stays_there(world: World, client: PageClient) -> None:
    problem = problems.make(world, audience=Audience.STAFF)
    page = client.sign_in("zhao").get(f"/p/{problem.ref}/accept")
    assert "nothing is published" in page
    page.form("Accept").submit(urgency="L3")
    assert fresh(problem).released_at is None


def test_a_place_comes_before_acceptance(world: World, client: PageClient) -> None:
    problem = problems.make(world, community_id=None, grid_id=None, building_id=None)
    client.sign_in("zhao")
    page = client.get(f"/p/{problem.ref}/accept").form("Accept").submit(urgency="L3", expect=422)
    assert "The community is not known yet" in page
    form = client.get(f"/p/{problem.ref}/locate").form("Fill in")
    place = next(value for value in form.options("place") if "-" in value)
    form.submit(place=place)
    client.get(f"/p/{problem.ref}/accept").form("Accept").submit(urgency="L3")
    now = fresh(problem)
    assert now.state is P.ACCEPTED
    assert now.grid_id is not None
    assert now.latitude is not None


def test_a_placeless_problem_is_taken_in_by_the_street_that_locates_it(
    world: World, client: PageClient
) -> None:
    problem = problems.make(
        world, street_id=None, community_id=None, grid_id=None, building_id=None, address=""
    )
    page = client.sign_in("zhao").get(f"/p/{problem.ref}/locate?next=/dispatch")
    page = page.form("Fill in").submit(category="", place="", expect=422)
    assert "Fill in the place or what it is about." in page
    page.form("Fill in").submit(place=str(world.place("朝阳里")))
    assert fresh(problem).street_id == world.street


def test_two_dispatchers_lose_nothing(world: World, client: PageClient) -> None:
    problem = problems.make(world)
    other = client.again().sign_in("he")
    mine = client.sign_in("zhao").get(f"/p/{problem.ref}/decline")
    other.get(f"/p/{problem.ref}/accept").form("Accept").submit(urgency="L3")
    page = mine.form("Tell the reporter").submit(
        elsewhere="court", reason="这件事归法院，先打 12348。", expect=409
    )
    assert "这件事归法院" in page.html


@pytest.mark.parametrize("verb", ["accept", "assign", "decline", "merge", "locate"])
@pytest.mark.parametrize(("key", "status"), [("qian", 403), ("zhang", 403), ("li", 403)])
def test_others_do_not_triage(
    world: World, client: PageClient, verb: str, key: str, status: int
) -> None:
    problem = problems.make(world, "accepted" if verb == "assign" else "submitted")
    if verb != "assign":
        with transaction():
            found = queries.lock(problem.id)
            found.released_at = found.submitted_at
    client.sign_in(key).get(f"/p/{problem.ref}/{verb}", expect=status)


# --- decline, merge -----------------------------------------------------------------------------


def test_decline_says_where_to_go(world: World, client: PageClient) -> None:
    problem = problems.make(world)
    page = client.sign_in("zhao").get(f"/p/{problem.ref}/decline?next=/dispatch")
    assert "12348" in page
    page = page.form("Tell the reporter").submit(expect=422)
    assert "Choose where to go instead." in page
    page.form("Tell the reporter").submit(elsewhere="court", reason="社区帮您备材料。")
    assert fresh(problem).state is P.DECLINED
    said = client.again().sign_in("wang").get(f"/p/{problem.ref}")
    assert "12348" in said
    assert "社区帮您备材料。" in said


def test_merge_in_two_steps_and_back(world: World, client: PageClient) -> None:
    target = problems.make(world, "accepted", title="道灯坏了", reporter="li")
    double = problems.make(world, title="道灯又坏了", reporter="wang")
    with transaction():
        services.join(queries.lock(target.id), actor=world.actor("chen"), now=target.due_at)
    page = client.sign_in("zhao").get(f"/p/{double.ref}/merge?next=/dispatch")
    page = page.click("道灯坏了")
    assert "This one joins" in page
    assert fresh(double).state is P.SUBMITTED  # looking is not joining
    page.form("It is the same").submit()
    assert fresh(double).state is P.MERGED
    assert fresh(target).supporters == 2
    client.get(f"/p/{double.ref}/unmerge").form("Separate again").submit()
    assert fresh(double).state is P.SUBMITTED
    assert fresh(target).supporters == 1
    assert fresh(double).due_at > double.submitted_at


def test_who_left_and_came_along_with_a_merge_goes_back_with_it(world: World) -> None:
    target = problems.make(world, "accepted", reporter="li")
    double = problems.make(world, reporter="wang")
    now = target.due_at
    with transaction():
        services.join(queries.lock(target.id), actor=world.actor("wang"), now=now)
    with transaction():
        services.leave(queries.lock(target.id), actor=world.actor("wang"), now=now)
    with transaction():
        services.merge(
            queries.lock(double.id),
            into=queries.lock(target.id),
            actor=world.actor("zhao"),
            now=now,
        )
    assert fresh(target).supporters == 1
    with transaction():
        services.unmerge(queries.lock(double.id), actor=world.actor("zhao"), now=now)
    assert fresh(target).supporters == 0
    left = db.session.scalars(select(Supporter.left_at).where(Supporter.problem_id == target.id))
    assert all(left)


@pytest.mark.parametrize("words", ["", "道灯", "%", "_"])
def test_merge_offers_only_the_streets_open_ones(
    world: World, client: PageClient, words: str
) -> None:
    problem = problems.make(world, title="道灯坏了")
    over = problems.make(world, title="道灯早就办过")
    with transaction():
        services.decline(
            queries.lock(over.id), elsewhere="court", reason="x",
            actor=world.actor("zhao"), now=over.due_at,
        )  # fmt: skip
    page = client.sign_in("zhao").get(f"/p/{problem.ref}/merge?q={words}")
    assert "道灯早就办过" not in page


def test_a_merge_into_itself_is_refused_in_the_form(world: World, client: PageClient) -> None:
    problem = problems.make(world)
    page = client.sign_in("zhao").get(f"/p/{problem.ref}/merge?into={problem.ref}")
    page = page.form("It is the same").submit(expect=422)
    assert "can't be joined with itself" in page


# --- check --------------------------------------------------------------------------------------


def test_the_handler_never_checks(world: World, client: PageClient) -> None:
    problem = problems.make(world, "finished", holder="zhao")
    page = client.sign_in("zhao").get(f"/p/{problem.ref}/verify", expect=403)
    assert "Who handled it can't check it" in page
    page = client.again().sign_in("he").get(f"/p/{problem.ref}/verify")
    page.form("It is done").submit(words=WRITTEN)
    assert fresh(problem).verified_at is not None


def test_the_committee_that_holds_it_does_not_check_its_own(
    world: World, client: PageClient
) -> None:
    problem = problems.make(world, "finished", holder="zhou")
    client.sign_in("zhou").get(f"/p/{problem.ref}/verify", expect=403)
    client.again().sign_in("sun").get(f"/p/{problem.ref}/verify", expect=403)
    client.again().sign_in("zhao").get(f"/p/{problem.ref}/verify")


def test_sent_back_the_same_holder_goes_on(world: World, client: PageClient) -> None:
    problem = problems.make(world, "finished", holder="cao")
    limit = problem.limit_at
    page = client.sign_in("zhao").get(f"/p/{problem.ref}/verify").click("Not done yet")
    page = page.form("Send back").submit(expect=422)
    assert "Say it in one or two sentences." in page
    page.form("Send back").submit(words="灯还是闪。")
    now = fresh(problem)
    assert (now.state, now.due_at, now.resolved_at) == (P.HANDLING, limit, None)
    page = client.again().sign_in("cao").get(f"/assignments/{problem.ref}")
    assert "灯还是闪。" in page
    page.click("Done: report it").form("It is done").submit(
        words="换了镇流器。", photos=[picture()]
    )
    client.get(f"/p/{problem.ref}/verify").form("It is done").submit(words=WRITTEN)
    assert fresh(problem).verified_at is not None


def test_a_hold_blocks_the_check(world: World, client: PageClient) -> None:
    problem = problems.make(world, "finished", holder="cao")
    with transaction():
        services.place_hold(
            problem.id, verb="close", reason="objection", placed_by="visit:1", now=problem.due_at
        )
    page = client.sign_in("zhao").get(f"/p/{problem.ref}/verify", expect=403)
    assert "closing is on hold" in page
    client.get(f"/p/{problem.ref}/send-back")  # a hold never blocks the way back
    with transaction():
        services.lift_hold(problem.id, verb="close", placed_by="visit:1", now=problem.due_at)
    client.get(f"/p/{problem.ref}/verify").form("It is done").submit(words=WRITTEN)
    assert fresh(problem).verified_at is not None


# --- the district -------------------------------------------------------------------------------


def closed_for_district(world: World) -> Problem:
    problem = problems.make(world, "verified")
    now = problem.due_at
    with transaction():
        found = queries.lock(problem.id)
        found.reopenings = rulebook.book(found.edition_id).number("problems.reopen.automatic")
        services.close(found, outcome="failed", now=now)
        services.reopen(found, by_reporter=True, now=now)
    return problem


def test_the_district_orders_rework(world: World, client: PageClient) -> None:
    problem = closed_for_district(world)
    page = client.sign_in("lin").get("/district")
    assert problem.title in page
    page = page.click("Order it done again")
    page.form("Order it").submit(words="请街道和物业一起再办。")
    assert fresh(problem).state is P.REOPENED
    assert problem.title not in client.get("/district")


def test_the_district_ends_it_with_a_public_reason(world: World, client: PageClient) -> None:
    problem = closed_for_district(world)
    client.sign_in("lin").get(f"/p/{problem.ref}/confirm-closing").form("End it").submit(
        words="两次核查都已修好。"
    )
    now = fresh(problem)
    assert (now.state, now.outcome) == (P.CLOSED, "failed")
    assert "两次核查都已修好。" in client.again().get(f"/p/{problem.ref}")
    client.get(f"/p/{problem.ref}/confirm-closing", expect=403)


def test_only_the_district_sees_its_desk(world: World, client: PageClient, travel: Clock) -> None:
    problem = problems.make(world)
    client.sign_in("zhao").get("/district", expect=403)
    client.again().sign_in("zhou").get(f"/p/{problem.ref}/order-rework", expect=403)
    late = client.again().sign_in("lin")
    assert problem.title not in late.get("/district?show=late")
    travel(minutes=31)
    assert problem.title in late.get("/district?show=late")
