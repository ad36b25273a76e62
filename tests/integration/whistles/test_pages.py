"""The desks of whistles through their forms and links, as each reader sees them."""

from datetime import timedelta

from portal.core.db import db
from portal.whistles.models import Whistle
from tests.factories import calls as whistles
from tests.factories.calls import HERE, now
from tests.support.pictures import picture


def field_page(client, who, whistle):
    return client.again().sign_in(who).get(f"/field/{whistle.ref}")


def test_an_emergency_through_the_pages(world, client):
    problem = whistles.problem(world, "emergency")
    street = client.sign_in("zhao")
    page = street.get(f"/whistles/new?problem={problem.ref}")
    page = page.form("Write down and preview").submit(
        title="朝阳里 7 号楼外有燃气味", grounds="街道没有处置燃气泄漏的权限。",
        units=["yunhu-gas", "wanghu-power"], lead="yunhu-gas",
    )  # fmt: skip
    assert page.h1 == "朝阳里 7 号楼外有燃气味"
    page = page.form("Blow the whistle now").submit()
    ref = page.path.rsplit("/", 1)[1]
    whistle = db.session.query(Whistle).filter_by(ref=ref).one()
    assert "0 of 2 on site" in page

    gas = field_page(client, "ma", whistle)
    gas = gas.form("Acknowledge").submit()
    gas = gas.form("Set out").submit(minutes="10")
    gas = gas.click("I am here")
    refused = gas.form("I am here").submit(expect=422)
    assert "Your position is not near enough" in refused
    gas = refused.form("I am here").submit(lat=HERE[0], lon=HERE[1], people="2")
    assert "Reported in" in gas
    gas = gas.click("Record what was done")
    gas = gas.form("Record").submit(
        outcome="fixed", words="阀门已关，检测无泄漏。", photos=[picture()]
    )
    gas = gas.form("Ask to stand down").submit()
    assert "Stay until the street" in gas

    page = street.get(f"/whistles/{ref}")
    assert "阀门已关" in page
    page = page.form("sign-off").submit()
    assert "Stood down" in page

    public = client.again().get(f"/whistles/{ref}")
    assert "赵敏" not in public
    assert "reported in" in public.text.lower()


def test_enforcement_needs_two_persons_and_stays_quiet(world, client):
    whistle = whistles.draft(world, "enforcement")
    url = f"/whistles/{whistle.ref}"
    street = client.sign_in("zhao")
    street.get(url).form("Ask the leader").submit()
    leader = client.again().sign_in("he")
    page = leader.get(url).click("Read and approve")
    page = page.form("Approve").submit()
    assert "Approved" in page
    page = street.get(url).form("Blow the whistle now").submit()
    assert "not public" in page
    client.again().get(url, expect=404)
    client.again().sign_in("wang").get(url, expect=404)
    client.again().sign_in("zhang").get(url)
    client.again().sign_in("feng").get(url, expect=404)
    assert whistle.title in client.again().sign_in("zhang").get("/field")


def test_the_rotating_code_opens_the_door(world, client, travel):
    whistle = whistles.make(world)
    page = client.sign_in("zhao").get(f"/whistles/{whistle.ref}/code")
    code = page.find_all("b")[-1]
    digits = "".join(ch for ch in "".join(code.itertext()) if ch.isdigit())
    travel(seconds=20)
    officer = client.again().sign_in("ma")
    arrive = officer.get(f"/whistles/{whistle.ref}/callouts/yunhu-gas/report-in")
    assert "Reported in" in arrive.form("I am here").submit(code=digits)
    travel(seconds=60)
    other = client.again().sign_in("xu")
    late = other.get(f"/whistles/{whistle.ref}/callouts/wanghu-power/report-in")
    assert "not near enough" in late.form("I am here").submit(code=digits, expect=422)
    late = other.get(f"/whistles/{whistle.ref}/callouts/wanghu-power/report-in")
    fallback = late.form("I am here").submit(photos=[picture()])
    assert "marked for review" in fallback


def test_the_rotating_code_is_not_guessed(world, client, travel):
    whistle = whistles.make(world)
    page = client.sign_in("zhao").get(f"/whistles/{whistle.ref}/code")
    digits = "".join(ch for ch in "".join(page.find_all("b")[-1].itertext()) if ch.isdigit())
    url = f"/whistles/{whistle.ref}/callouts/yunhu-gas/report-in"
    officer = client.again().sign_in("ma")
    wrong = str((int(digits) + 1) % 10**6).zfill(6)
    for _ in range(10):
        officer.get(url).form("I am here").submit(code=wrong, expect=422)
    officer.get(url).form("I am here").submit(code=digits, expect=422)


def test_district_reviews_and_rules(world, client):
    whistle = whistles.make(world)
    officer = client.again().sign_in("xu")
    page = officer.get(f"/field/{whistle.ref}").click("This is not our duty")
    page = page.form("Hand back").submit(item="5", words="这里没有供电设施。")
    assert "The clock goes on" in page
    district = client.sign_in("lin").get("/district/whistles")
    page = district.click("Keeps the duty").form("Decide so").submit(words="配合断电。")
    district = client.get("/district/whistles").click("Review")
    page = district.form("Write down the review").submit(misblown="no", words="确属紧急。")
    assert "Reviewed" in page
    street = client.again().sign_in("zhao")
    page = street.get("/whistles")
    assert whistle.title in page
    page = street.get(f"/whistles/{whistle.ref}").form("nudge", 0).submit()
    assert "Nudged" in page


def test_recess_is_asked_and_granted(world, client):
    whistle = whistles.make(world)
    line = whistles.go(world, whistles.callout(whistle, "yunhu-gas"), "reported_in")
    officer = client.again().sign_in("ma")
    page = officer.get(f"/field/{whistle.ref}").click("Leave the site, keep the duty")
    day = (now() + timedelta(days=1)).date().isoformat()
    page = page.form("Ask the street").submit(words="等备件。", next_on=day, person="马跃")
    assert "Stay until the street has agreed" in page
    street = client.sign_in("zhao").get(f"/whistles/{whistle.ref}")
    page = street.form("grant-recess").submit()
    assert "Off site" in page
    page = officer.get(f"/field/{whistle.ref}").click("I am back on site")
    page = page.form("I am back on site").submit(lat=HERE[0], lon=HERE[1])
    assert line.id
