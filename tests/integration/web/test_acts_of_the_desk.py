"""The same form twice is one act; two people at two buttons don't overwrite each other."""

from sqlalchemy import func, select

from portal.core.db import db
from portal.problems.models import Measure, Problem, Step
from tests.factories.problems import make


def _decline(client, ref):
    form = client.get(f"/p/{ref}/decline").form("decline")
    return form.ready(elsewhere=next(iter(form.options("elsewhere"))), reason="不归街道。")


def test_the_same_form_twice_is_one_act_with_the_same_answer(world, client) -> None:
    problem = make(world)
    send = _decline(client.sign_in("zhao"), problem.ref)

    first, second = send(), send()

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    declined = select(func.count()).where(
        Step.problem_id == problem.id, Step.tag == "problems:problem:decline"
    )
    assert db.session.scalar(declined) == 1


def test_another_body_under_the_same_key_is_a_conflict(world, client) -> None:
    problem = make(world, "accepted")
    form = client.sign_in("zhao").get(f"/p/{problem.ref}/take-measure").form("take-measure")
    at = {"method": "visit", "taken_at": "2026-11-25T09:00"}

    first = form.ready(words="上门看过。", **at)()
    other = form.ready(words="上门看过两次。", **at)()

    assert (first.status_code, other.status_code) == (303, 409)
    assert "上门看过两次。" in other.get_data(as_text=True), "nothing typed is lost"
    assert db.session.scalar(select(func.count()).select_from(Measure)) == 1


def test_two_people_two_buttons_the_later_sees_that_it_changed(world, client) -> None:
    problem = make(world)
    zhao, he = client.sign_in("zhao"), client.again().sign_in("he")
    decline = _decline(zhao, problem.ref)
    accept = he.get(f"/p/{problem.ref}/accept").form("accept")

    accept.submit(category="Noise", urgency="L3", then="keep")
    late = decline()

    assert late.status_code == 409
    assert "不归街道。" in late.get_data(as_text=True)
    db.session.rollback()
    assert db.session.get_one(Problem, problem.id).state == "accepted"


def test_a_form_without_token_is_refused_and_keeps_the_words(world, client) -> None:
    problem = make(world)
    client.sign_in("zhao").get("/dispatch")

    answer = client.browser.post(f"/p/{problem.ref}/decline", data={"reason": "不归街道。"})

    assert answer.status_code == 400
    assert "不归街道。" in answer.get_data(as_text=True)


def test_every_page_carries_its_headers(world, client) -> None:
    for url in ("/", "/sign-in", "/problems", "/nowhere"):
        headers = client.browser.get(url).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_a_foreign_host_is_refused(world, client) -> None:
    answer = client.browser.get("/", base_url="http://evil.example")

    assert answer.status_code == 400


def test_display_leads_back_only_inside(world, client) -> None:
    form = client.get("/").form("Elder edition").ready()
    assert form().location in {"/", "/?"}
    page = client.get("/")
    send = page.form("中文").ready(next="//evil.example")

    assert send().location == "/"
    assert 'lang="zh-CN"' in client.browser.get("/").get_data(as_text=True)


def test_a_get_writes_nothing(world, client, count_queries) -> None:
    """Reading pages sends no INSERT, UPDATE or DELETE."""
    problem = make(world, "finished", holder="wu")
    client.sign_in("zhao")
    with count_queries() as asked:
        for url in ("/", "/dispatch", f"/p/{problem.ref}", "/problems", "/notices", "/whistles"):
            client.get(url)
    writes = [s for s in asked.statements if s.split()[0] in {"INSERT", "UPDATE", "DELETE"}]

    assert asked.count > 0
    assert writes == []


def test_a_conflict_leads_back_to_this_site_only(world, client) -> None:
    form = client.sign_in("wang").get("/me/name").form("Save")
    first = form.ready(public_name="王女士")
    first()
    data = {name: control.value for name, control in form.controls.items()}
    for came, back in (
        ("javascript:alert(1)", "/"),
        ("https://evil.example/me/name", "/"),
        (f"{client.origin}/me/name", "/me/name"),
    ):
        answer = client.browser.post(
            "/me/name", data=data | {"public_name": ["别人"]}, headers={"Referer": came}
        )
        assert answer.status_code == 409
        assert f'<a class="btn btn-p" href="{back}">' in answer.text
