"""From a photo to a number in three screens, and nothing lost on the way."""

import io

from sqlalchemy import func, select

from portal.core.db import db
from portal.media.models import Media
from portal.problems.models import Draft, Photo, Problem
from portal.problems.states import Audience, Source
from tests.factories.world import World
from tests.support.page_client import Page, PageClient
from tests.support.pictures import picture

WORDS = "三号楼前两盏路灯不亮，晚上老人走路不方便。已经三天了"


def problems() -> list[Problem]:
    return list(db.session.scalars(select(Problem).order_by(Problem.id)))


def to_send(client: PageClient, **more: object) -> Page:
    """Fill in the first two screens."""
    page = client.get("/report").form("Next").submit(body=WORDS, **more)
    assert page.path == "/report/place"
    page = page.form("place-form").submit("Show its buildings", community_id="朝阳里")
    page = page.form("place-form").submit("Next", building_id="3 号楼", address="东侧")
    assert page.path == "/report/send"
    return page


def shown_code(page: Page) -> str:
    """Read the code that a demonstration shows."""
    return page.text.split("Your code is ")[1][:6]


def test_a_visitor_reports_in_three_screens_and_is_signed_in(
    world: World, client: PageClient
) -> None:
    page = to_send(client, photos=[picture()])
    page = page.form("send-form").submit(
        "Send me the code", phone="139 0000 0077", public_name="赵大爷"
    )
    page = page.form("send-form").submit("Send it in", code=shown_code(page), audience="public")
    (problem,) = problems()
    assert page.path == f"/report/done/{problem.ref}"
    assert "street reads it before" in page
    assert problem.title == "三号楼前两盏路灯不亮，晚上老人走路不方便"
    assert problem.body == WORDS
    assert problem.audience is Audience.PUBLIC
    assert problem.source is Source.PORTAL
    assert "3 号楼 东侧" in problem.address
    assert problem.building_id is not None
    assert problem.grid_id is not None
    assert problem.latitude is not None
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 1
    assert db.session.scalar(select(Draft)) is None
    assert "赵大爷" in page.click("Follow it")
    assert "路灯" in client.get("/mine")


def test_signed_in_it_takes_no_phone(world: World, client: PageClient) -> None:
    page = to_send(client.sign_in("wang"))
    assert "Mobile number" not in page
    page.form("send-form").submit("Send it in", audience="staff")
    (problem,) = problems()
    assert problem.reporter_id == world.person("wang")
    assert problem.audience is Audience.STAFF


def test_a_bad_file_loses_neither_words_nor_the_good_photo(
    world: World, client: PageClient
) -> None:
    bad = picture()
    bad.stream.truncate(40)
    page = (
        client.get("/report")
        .form("Next")
        .submit(expect=422, body=WORDS, photos=[picture("blue"), bad])
    )
    assert "damaged" in page or "not a photo" in page
    again = client.get("/report")
    assert WORDS in again.html
    assert len(again.find_all("input", name="photo_ids")) == 1
    token = again.find_all("input", name="photo_ids")[0].get("value")
    shown = client.get(f"/report/photos/{token}/thumb")
    assert shown.response.mimetype == "image/jpeg"
    assert "private" in shown.response.headers["Cache-Control"]
    client.again().get(f"/report/photos/{token}/thumb", expect=404)


def test_without_words_the_photo_stays_and_can_be_removed(world: World, client: PageClient) -> None:
    page = client.get("/report").form("Next").submit(expect=422, photos=[picture()])
    assert "one sentence what is wrong" in page
    page = page.form("Next").submit("Remove", body=WORDS)
    assert page.path == "/report"
    assert not page.find_all("input", name="photo_ids")
    assert WORDS in page.html


def test_the_script_uploads_a_photo_and_learns_why_not(world: World, client: PageClient) -> None:
    accept = {"Accept": "application/json"}
    page = client.get("/report")
    token = page.form("Next").value("csrf_token")
    sent = client.post("/report/photos", {"photo": picture(), "csrf_token": token}, headers=accept)
    assert sent.response.json is not None
    assert db.session.scalar(select(Media.token)) == sent.response.json["id"]
    refused = client.post(
        "/report/photos",
        {"photo": (io.BytesIO(b"<svg/>"), "a.jpg"), "csrf_token": token},
        expect=422,
        headers=accept,
    )
    assert "not a photo" in (refused.response.json or {})["error"]
    assert len(client.get("/report").find_all("input", name="photo_ids")) == 1


def test_a_wrong_code_keeps_everything_and_counts(world: World, client: PageClient) -> None:
    page = to_send(client)
    page = page.form("send-form").submit("Send me the code", phone="13900000077")
    code = shown_code(page)
    wrong = "000000" if code != "000000" else "000001"
    for _try in range(10):
        page = page.form("send-form").submit("Send it in", expect=422, code=wrong)
        assert "not right" in page
    page = page.form("send-form").submit("Send it in", expect=422, code=code)
    assert "Too many tries" in page
    assert problems() == []
    assert WORDS in client.get("/report").html


def test_the_same_press_twice_makes_one_problem(world: World, client: PageClient) -> None:
    form = to_send(client.sign_in("wang")).form("send-form")
    first = form.submit("Send it in")
    second = form.submit("Send it in")
    assert first.path == second.path
    assert len(problems()) == 1


def test_similar_reports_nearby_are_shown_before_and_can_be_joined(
    world: World, client: PageClient
) -> None:
    to_send(client.sign_in("wang")).form("send-form").submit("Send it in", audience="public")
    (problem,) = problems()
    zhao = client.again().sign_in("shen")
    zhao.get(f"/p/{problem.ref}/publish").form("publish").submit()
    neighbour = client.again().sign_in("li")
    page = neighbour.get("/report").form("Next").submit(body="路灯坏了")
    assert "reported nearby" in page
    assert page.form("place-form").submit("Next").path == "/report/send"
    page = client.again().get("/report").form("Next").submit(body="路灯坏了")
    assert "reported nearby" not in page
    page = page.form("place-form").submit("Next", community_id="朝阳里", address="3 号楼前")
    assert page.path == "/report/place", "what is near was not shown yet"
    assert page.has_link("I met it too")
    assert page.form("place-form").submit("Next").path == "/report/send"
    page = neighbour.get("/report/place").form("I met it too").submit()
    assert page.path == f"/p/{problem.ref}"
    assert "2 people met it" in page
    assert "路灯坏了" not in neighbour.get("/report").html


def test_the_position_of_the_phone_names_the_community(world: World, client: PageClient) -> None:
    page = client.get("/report").form("Next").submit(body=WORDS)
    form = page.form("place-form")
    page = client.post(
        "/report/place",
        {"csrf_token": form.value("csrf_token"), "lat": "40.0120", "lon": "116.4730"},
    )
    assert page.path == "/report/place"
    assert "朝阳里" in page.main
    assert page.form("place-form").options("building_id").keys() > {""}


def test_danger_shows_whom_to_call_and_reaches_the_desk(world: World, client: PageClient) -> None:
    page = client.sign_in("wang").get("/report").form("Next").submit(body=WORDS, danger=True)
    assert "119" in page.main
    page = page.form("place-form").submit("Next")
    page.form("send-form").submit("Send it in")
    assert problems()[0].danger


def test_another_at_the_same_place_keeps_the_place_only(world: World, client: PageClient) -> None:
    page = to_send(client.sign_in("wang")).form("send-form").submit("Send it in")
    page = page.form("Report another").submit()
    assert page.form("Next").value("body") == ""
    page = page.form("Next").submit(body="垃圾没人收")
    assert "selected" in page.html
    page.form("place-form").submit("Next").form("send-form").submit("Send it in")
    first, second = problems()
    assert second.building_id == first.building_id


def test_a_made_up_category_spoils_no_draft(world: World, client: PageClient) -> None:
    page = client.get("/report").form("Next").submit(body="楼道里的灯不亮")
    data = {"csrf_token": page.form("place-form").controls["csrf_token"].value, "go": "1"}
    for made_up in ("99999", "99999999999999999999"):
        client.post("/report/place", data | {"category_id": made_up}, 422)
        assert client.get("/report/place").path == "/report/place"
