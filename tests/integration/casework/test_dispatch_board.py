"""The dispatch board: who sees it, what waits, in which order, at what price."""

from collections.abc import Callable

import pytest

from portal.casework.queries import dispatch, street_search
from portal.core.uow import transaction
from portal.problems import queries, services
from portal.problems.states import Source
from tests.factories import problems
from tests.factories.world import World
from tests.support.moment import Clock
from tests.support.page_client import PageClient


def refs(page: object) -> list[str]:
    return [row.ref for row in page.items]


def test_a_visitor_is_sent_to_sign_in(world: World, client: PageClient) -> None:
    assert client.get("/dispatch").path == "/sign-in"


@pytest.mark.parametrize("key", ["zhou", "zhang", "lin", "wang"])
def test_only_the_street_sees_its_board(world: World, client: PageClient, key: str) -> None:
    client.sign_in(key).get("/dispatch", expect=403)
    client.get("/dispatch/queue", expect=403)
    client.get("/dispatch/search?q=0001", expect=403)
    client.get("/dispatch/assignments", expect=403)


def test_the_late_ones_stand_first(world: World, client: PageClient, travel: Clock) -> None:
    old = problems.make(world, title="先来的")
    travel(minutes=20)
    new = problems.make(world, title="后来的")
    travel(minutes=11)
    page = client.sign_in("zhao").get("/dispatch")
    cards = [e.get("id") for e in page.find_all("a", class_="q-card")]
    assert cards == [f"case-{old.ref}", f"case-{new.ref}"]
    assert "Overdue" in page
    assert "1 min late" in page
    assert "19 min left" in page


def test_nearly_due_from_the_rulebooks_share_on(
    world: World, client: PageClient, travel: Clock
) -> None:
    problems.make(world)
    client.sign_in("zhao")
    travel(minutes=23, seconds=59)
    assert "Nearly due" not in client.get("/dispatch")
    travel(seconds=1)
    assert "Nearly due" in client.get("/dispatch")


def test_what_waits_for_the_street(world: World) -> None:
    waiting = {
        problems.make(world).ref: "new",
        problems.make(world, "finished").ref: "to check",
    }
    problems.make(world, "acknowledged")
    asked = problems.make(world, "acknowledged")
    with transaction():
        services.hand_back(
            queries.lock_held(asked.id),
            reason="不归我们",
            actor=world.actor("cao"),
            now=asked.due_at,
        )
    waiting[asked.ref] = "asks to hand back"
    assert set(refs(dispatch.queue(world.street, world.district))) == set(waiting)


def test_another_streets_problems_do_not_show(world: World, client: PageClient) -> None:
    problem = problems.make(world)
    assert refs(dispatch.queue(world.street, world.district)) == [problem.ref]
    page = client.sign_in("qian").get("/dispatch")
    assert problem.title not in page
    page = client.get(f"/dispatch?case={problem.ref}")
    assert problem.title not in page


def test_chips_filter_by_source_and_by_missing_place(world: World, client: PageClient) -> None:
    walked = problems.make(world, source=Source.WALK_IN, title="到社区说的")
    lost = problems.make(
        world, title="没说在哪儿", street_id=None, community_id=None, grid_id=None,
        building_id=None, address="", latitude=None, longitude=None,
    )  # fmt: skip
    client.sign_in("zhao")
    page = client.get("/dispatch?source=walk_in")
    assert walked.title in page
    assert lost.title not in client.get("/dispatch")
    page = client.get("/dispatch").click("Place unknown 1")
    assert lost.title in page
    assert page.has_link("Fill in the place")
    assert walked.title not in client.get("/dispatch?source=hotline")


def test_counts_hold_even_when_only_a_placeless_one_waits(world: World) -> None:
    problems.make(world, street_id=None, community_id=None, grid_id=None, building_id=None)
    counted = dispatch.waiting(world.street, world.district)
    assert (counted.unplaced, counted.all) == (1, 0)


def test_the_queue_is_paged_by_key(world: World) -> None:
    made = [problems.make(world).ref for _ in range(dispatch.QUEUE_SIZE + 2)]
    first = dispatch.queue(world.street, world.district)
    assert len(first.items) == dispatch.QUEUE_SIZE
    rest = dispatch.queue(world.street, world.district, cursor=first.next_cursor)
    assert refs(first) + refs(rest) == made
    assert rest.next_cursor is None


def test_a_cursor_of_somebody_else_begins_at_the_start(world: World, client: PageClient) -> None:
    problem = problems.make(world)
    assert problem.title in client.sign_in("zhao").get("/dispatch?after=bm9uc2Vuc2U&source=x")


def test_the_week_counts_what_the_street_gave_to_its_own(world: World, travel: Clock) -> None:
    problems.make(world, "assigned", holder="zhou")
    problems.make(world, "assigned", holder="zhang")  # a department is not the street's own
    travel(days=1)
    problems.make(world, "accepted")
    board = dispatch.board(world.street, travel.now)
    assert [(day.own, day.whistled) for day in board.week[-2:]] == [(1, 0), (0, 0)]
    assert board.in_hand == 3
    assert board.street == "望湖街道"


def test_the_case_panel_cites_the_duty_list(world: World, client: PageClient) -> None:
    problem = problems.make(world, category="noise", title="夜里施工")
    page = client.sign_in("zhao").get(f"/dispatch?case={problem.ref}")
    assert "Duty list item" in page
    assert "No own measure with evidence is on file yet." in page
    assert page.has_link("Handle it here")
    assert page.has_link("To the community")


def test_a_measure_with_evidence_counts(world: World, client: PageClient) -> None:
    problem = problems.make(world, "accepted", category="noise")
    with transaction():
        services.take_measure(
            problem, unit_id=world.unit_of("zhao"), method="persuade", words="劝停了。",
            taken_at=problem.accepted_at or problem.submitted_at,
            photos=[problems.photo(world)], actor=world.actor("zhao"), now=problem.due_at,
        )  # fmt: skip
    page = client.sign_in("zhao").get(f"/dispatch?case={problem.ref}")
    assert "Tried 1 times, 1 with evidence." in page
    assert "No own measure" not in page


def test_who_handled_it_is_told_why_they_cannot_check(world: World, client: PageClient) -> None:
    own = problems.make(world, "finished", holder="zhao")
    page = client.sign_in("zhao").get(f"/dispatch?case={own.ref}")
    assert "Who handled it can't check it" in page
    assert not page.has_link("It is done")
    page = client.again().sign_in("he").get(f"/dispatch?case={own.ref}")
    assert page.has_link("It is done")


def test_prices(world: World, client: PageClient, count_queries: Callable[..., object]) -> None:
    for _ in range(12):
        problems.make(world, category="noise", supporters=())
    client.sign_in("zhao").get("/dispatch")
    with count_queries() as asked:
        client.get("/dispatch")
    # Ten of its own; the frame (session, seats, news, badges) takes four.
    assert asked.count <= 14, "\n".join(asked.statements)
    client.check = False  # a fragment is no page
    with count_queries() as asked:
        client.get("/dispatch/queue")
    assert asked.count <= 4, "\n".join(asked.statements)


def test_search_by_number_words_and_phone(world: World, client: PageClient) -> None:
    mine = problems.make(world, title="楼道灯不亮", reporter="wang")
    other = problems.make(world, title="垃圾没人收", reporter="li")
    client.sign_in("zhao")
    page = client.get(f"/dispatch/search?q={mine.ref[:4]}-{mine.ref[4:8]}-{mine.ref[8:]}")
    assert mine.title in page
    assert other.title not in page
    page = client.get("/dispatch/search?q=垃圾")
    assert other.title in page
    assert mine.title not in page
    page = client.get("/dispatch/search?q=0001")
    assert mine.title in page
    assert other.title not in page
    assert "139****0001" in page
    assert "13900000001" not in page.html
    assert "Nothing found" in client.get("/dispatch/search?q=%25")
    assert "Type a number" in client.get("/dispatch/search")


def test_search_stays_in_the_street(world: World) -> None:
    problem = problems.make(world)
    elsewhere = world.place("东升街道")
    assert street_search.search(world.street, problem.ref)
    assert street_search.search(elsewhere, problem.ref) == []
    assert street_search.search(elsewhere, "0001") == []


def test_the_fragment_changes_its_version_only_with_its_cases(
    world: World, client: PageClient, travel: Clock
) -> None:
    problems.make(world)
    client.sign_in("zhao")
    client.check = False

    def version() -> str:
        page = client.get("/dispatch/queue")
        return next(
            e.get("data-version") or ""
            for e in page.document.iter("div")
            if e.get("id") == "queue-list"
        )

    first = version()
    travel(minutes=2)
    assert version() == first
    problems.make(world)
    assert version() != first
