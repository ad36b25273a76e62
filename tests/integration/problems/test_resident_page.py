"""A problem's page, home, lists and the resident's acts; what each reader sees, and how cheaply."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.uow import transaction
from portal.problems import queries, services
from portal.problems.models import Photo, Problem, Supporter
from portal.problems.states import Audience, PhotoKind, ProblemState
from portal.whistles.states import Kind
from tests.factories.problems import make, photo
from tests.factories.whistles import blow, called
from tests.factories.world import World
from tests.support.counting import Counted
from tests.support.moment import Clock
from tests.support.page_client import PageClient
from tests.support.pictures import picture

Count = Callable[[], AbstractContextManager[Counted]]


def url(problem: Problem) -> str:
    return f"/p/{problem.ref}"


def add_photo(world: World, problem: Problem, *, released: bool) -> str:
    """Hang a photo on the problem and return its token."""
    with transaction():
        found = photo(world)
        hung = services.add_photo(
            queries.lock(problem.id),
            found,
            kind=PhotoKind.BEFORE,
            actor=world.actor("wang"),
            now=datetime.now(UTC),
        )
        if released:
            hung.released_at = datetime.now(UTC)
        return found.token


# --- who sees what ------------------------------------------------------------------------------


def test_before_release_only_reporter_and_workers_find_it(world: World, client: PageClient) -> None:
    problem = make(world)
    client.get(url(problem), expect=404)
    client.again().sign_in("li").get(url(problem), expect=404)
    client.again().sign_in("qian").get(url(problem), expect=404)
    assert problem.body in client.again().sign_in("wang").get(url(problem))
    for key in ("zhao", "zhou", "lin", "shen"):
        assert problem.body in client.again().sign_in(key).get(url(problem)), key


def test_the_public_sees_neither_name_nor_inside_steps_nor_unreleased_photos(
    world: World, client: PageClient
) -> None:
    problem = make(world, "acknowledged", audience=Audience.PUBLIC_UNNAMED)
    hidden = add_photo(world, problem, released=False)
    shown = add_photo(world, problem, released=True)
    page = client.get(url(problem))
    assert "王" not in page.main
    assert "a resident" in page
    assert "Internal" not in page
    assert "曹磊" not in page
    assert hidden not in page.html
    assert shown in page.html
    client.get(f"{url(problem)}/photos/{shown}/thumb")
    client.get(f"{url(problem)}/photos/{hidden}/thumb", expect=404)
    client.get(f"{url(problem)}/photos/{hidden}/large", expect=404)
    own = client.again().sign_in("wang")
    served = own.get(f"{url(problem)}/photos/{hidden}/large")
    assert served.response.mimetype == "image/jpeg"
    assert served.response.headers["Cache-Control"].startswith("private")
    assert served.response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_photo_of_one_problem_does_not_open_through_another(
    world: World, client: PageClient
) -> None:
    secret, public = make(world, audience=Audience.STAFF), make(world, "accepted")
    token = add_photo(world, secret, released=False)
    client.get(f"{url(public)}/photos/{token}/large", expect=404)
    client.sign_in("wang").get(f"{url(public)}/photos/{token}/large", expect=404)


def test_the_named_audience_shows_at_most_the_public_name(world: World, client: PageClient) -> None:
    page = client.get(url(make(world, "accepted")))
    assert "王女士" in page
    assert "王秀兰" not in page.html
    assert "13900000001" not in page.html


def test_what_now_says_who_until_when_and_by_which_rule(world: World, client: PageClient) -> None:
    problem = make(world, "assigned")
    page = client.get(url(problem))
    assert "朝阳里物业 is handling it." in page
    assert "done before 12-02 09:30" in page
    assert "Urgency level 3: done within 7 days" in page
    assert "朝阳里物业" in page.main


def test_a_quiet_whistle_reads_as_handling(world: World, client: PageClient) -> None:
    problem = make(world, "acknowledged", category="building", holder="wu")
    whistle = blow(world, problem, kind=Kind.ENFORCEMENT)
    assert queries.lock(problem.id).state is ProblemState.WHISTLED
    page = client.get(url(problem))
    assert "Being handled now" in page
    assert "histle" not in page.main
    assert whistle.ref not in page.html
    assert "Whistle blown" in client.again().sign_in("zhao").get(url(problem))


def test_long_silence_is_drawn(world: World, client: PageClient, travel: Clock) -> None:
    problem = make(world, "assigned")
    travel(hours=30)
    with transaction():
        services.acknowledge(
            queries.live_assignment(problem.id), actor=world.actor("cao"), now=datetime.now(UTC)
        )
    assert "No news for 1 day 6 hours" in client.get(url(problem))


# --- how cheaply --------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", [None, "wang", "cao", "zhao"])
def test_a_page_asks_at_most_eight_times(
    world: World, client: PageClient, count_queries: Count, reader: str | None
) -> None:
    problem = make(world, "acknowledged", category="noise", holder="wu")
    called(world, problem, "reported_in")
    address = url(problem)
    if reader:
        client.sign_in(reader)
    client.get(address)
    with count_queries() as asked:
        client.get(address)
    assert asked.count <= 8, "\n".join(asked.statements)


@pytest.mark.parametrize(("address", "most"), [("/problems", 4), ("/mine", 4), ("/", 9)])
def test_lists_ask_few_times_whatever_their_length(
    world: World, client: PageClient, count_queries: Count, address: str, most: int
) -> None:
    for _one in range(3):
        make(world, "accepted")
    client.sign_in("wang").get(address)
    with count_queries() as asked:
        client.get(address)
    assert asked.count <= most, "\n".join(asked.statements)


# --- acts ---------------------------------------------------------------------------------------


def test_join_and_leave(world: World, client: PageClient) -> None:
    problem = make(world, "accepted")
    li = client.sign_in("li")
    page = li.get(url(problem)).form("I met it too").submit()
    assert "2 people met it" in page
    assert problem.title in li.get("/mine?list=followed")
    page = page.form("No longer follow it").submit()
    assert "1 person met it" in page
    assert db.session.scalars(select(Supporter)).one().left_at is not None


def test_a_merge_says_where_it_went_and_leaves_a_way_out(world: World, client: PageClient) -> None:
    kept, merged = make(world, "accepted", reporter="li"), make(world, "accepted")
    with transaction():
        services.merge(
            queries.lock(merged.id),
            into=queries.lock(kept.id),
            actor=world.actor("zhao"),
            now=datetime.now(UTC),
        )
    wang = client.sign_in("wang")
    page = wang.get(url(merged)).click("See the other report")
    assert page.path == url(kept)
    page.form("No longer follow it").submit()
    assert "1 person met it" in wang.get(url(kept))


def test_nudge_only_after_the_limit_and_once_a_day(
    world: World, client: PageClient, travel: Clock
) -> None:
    problem = make(world)
    wang = client.sign_in("wang")
    page = wang.get(url(problem))
    assert not page.has_form("Nudge them")
    assert "Possible after" in page
    travel(minutes=30)
    page = wang.get(url(problem)).form("Nudge them").submit()
    assert "the reporter nudged" in page
    page.form("Nudge them").submit(expect=422)


def test_withdraw_before_work_begins(world: World, client: PageClient) -> None:
    problem = make(world)
    page = client.sign_in("wang").get(url(problem)).click("Take it back")
    page.form("Take it back").submit(expect=422)
    page = page.form("Take it back").submit(reason="灯亮了")
    assert "灯亮了" in page
    assert queries.lock(problem.id).state is ProblemState.WITHDRAWN


def test_the_reporter_adds_photos(world: World, client: PageClient) -> None:
    problem = make(world, "accepted")
    wang = client.sign_in("wang")
    page = wang.get(url(problem)).click("Add photos")
    assert "Choose a photo first" in page.form("Send the photos").submit(expect=422)
    page = page.form("Send the photos").submit(photos=[picture(), picture("red")])
    assert len(db.session.scalars(select(Photo)).all()) == 2
    assert "Not public" in page
    client.again().sign_in("li").get(f"{url(problem)}/photos", expect=403)


# --- review before release ----------------------------------------------------------------------


def test_text_is_released_as_it_is_and_photos_one_by_one(
    world: World, client: PageClient, travel: Clock
) -> None:
    problem = make(world)
    first = add_photo(world, problem, released=False)
    second = add_photo(world, problem, released=False)
    shen = client.sign_in("shen")
    page = shen.get("/review").click(problem.title)
    shown = page.find_all("input", name="photo_ids")
    page.form("Publish the text").submit(photo_ids=[shown[1].get("value")])
    public = client.again().get(url(problem))
    assert second in public.html
    assert first not in public.html
    assert problem.title not in shen.get("/review"), "an unticked photo does not come back"
    travel(minutes=1)
    add_photo(world, problem, released=False)
    assert "New photos" in shen.get("/review")
    client.again().sign_in("zhou").get("/review", expect=403)
    client.again().sign_in("qian").get(f"{url(problem)}/publish", expect=403)


def test_what_is_for_staff_is_never_offered_for_release(world: World, client: PageClient) -> None:
    problem = make(world, audience=Audience.STAFF)
    shen = client.sign_in("shen")
    assert problem.title not in shen.get("/review")
    shen.get(f"{url(problem)}/publish", expect=404)
    client.again().sign_in("zhao").get(f"{url(problem)}/publish", expect=403)


# --- lists --------------------------------------------------------------------------------------


def test_the_public_list_filters_pages_and_hides(world: World, client: PageClient) -> None:
    for number in range(22):
        make(world, "accepted", title=f"第 {number + 1} 件")
    make(world, title="没公开的")
    make(world, "accepted", audience=Audience.STAFF, title="只给经办的")
    page = client.get("/problems")
    assert "第 22 件" in page
    assert "没公开的" not in page
    assert "只给经办的" not in page
    older = page.click("Older")
    assert "第 1 件" in older
    assert "第 22 件" not in older
    assert "第 22 件" in client.get("/problems?state=open")
    assert "第 22 件" not in client.get("/problems?state=closed")
    assert "第 22 件" in client.get("/problems?state=id;drop&community=x&after=%01")


# --- for somebody else --------------------------------------------------------------------------


def enter(worker: PageClient, **more: object) -> tuple[str, str]:
    """Write a report down and return number and query code of the slip."""
    page = (
        worker.get("/enter")
        .form("Hand it in")
        .submit(body="楼道堆了杂物，推车过不去。", building_id="3 号楼", **more)
    )
    number, code = (e for e in page.find_all("b") if e.text)
    return str(number.text), str(code.text)


def test_a_walk_in_gets_a_slip_that_opens_it(world: World, client: PageClient) -> None:
    number, code = enter(client.sign_in("zhou"), public_name="孙大妈")
    problem = db.session.scalars(select(Problem)).one()
    assert problem.source == "walk_in"
    assert problem.entered_by_id == world.person("zhou")
    assert problem.reporter_id not in {None, world.person("zhou")}
    visitor = client.again()
    page = visitor.get("/track").form("Look up").submit(ref=number, code=code.lower())
    assert page.path == url(problem)
    assert problem.body in page
    client.again().get(url(problem), expect=404)
    assert code not in client.again().sign_in("zhou").get(f"{url(problem)}/slip")


def test_a_phone_report_belongs_to_the_phone(world: World, client: PageClient) -> None:
    enter(client.sign_in("zhou"), source="phone", phone="13900000001")
    assert "杂物" in client.again().sign_in("wang").get("/mine")


def test_guessing_the_query_code_is_locked(world: World, client: PageClient) -> None:
    number, code = enter(client.sign_in("zhou"))
    page = client.again().get("/track")
    for _try in range(10):
        page = page.form("Look up").submit(expect=422, ref=number, code="WRONG")
    assert "not right" in page
    page = page.form("Look up").submit(expect=422, ref=number, code=code)
    assert "Too many tries" in page


def test_only_workers_enter_for_others(world: World, client: PageClient) -> None:
    client.sign_in("wang").get("/enter", expect=403)
    client.again().sign_in("cao").get("/enter", expect=403)
    client.again().sign_in("sun").get("/enter")


# --- home ---------------------------------------------------------------------------------------


def test_home_tells_the_one_piece_of_news(world: World, client: PageClient) -> None:
    assert "One photo is enough" in client.get("/")
    problem = make(world, "acknowledged")
    page = client.again().sign_in("wang").get("/")
    assert page.h1 == "王女士, good morning"
    assert "is being handled" in page
    assert problem.title in page
    assert client.again().sign_in("zhao").get("/").path == "/dispatch"
    assert client.again().sign_in("cao").get("/").path == "/assignments"
    assert client.again().sign_in("shen").get("/").path == "/review"


def test_home_says_when_the_crew_is_there(world: World, client: PageClient) -> None:
    problem = make(world, "acknowledged", category="noise", holder="wu")
    called(world, problem, "reported_in")
    page = client.sign_in("wang").get("/")
    assert "The crew is on site" in page


def test_while_it_is_rated_the_page_stays_cheap_and_leads_to_the_form(
    world: World, client: PageClient, count_queries: Count
) -> None:
    problem = make(world, "verified")
    address = url(problem)
    assert queries.lock(problem.id).state is ProblemState.RATING
    page = client.sign_in("wang").get(address)
    assert page.click("Rate it").path == f"{address}/rate"
    with count_queries() as asked:
        client.get(address)
    assert asked.count <= 8, "\n".join(asked.statements)
