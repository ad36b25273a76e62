"""Problems for which the street calls departments."""

from datetime import UTC, datetime, timedelta

from tests.factories.world import HERE
from tests.support.pictures import picture


def _noise(story, urgency: str = "L3") -> str:
    ref = story.report("wang", "工地夜里一点还在施工，孩子睡不着。")
    story.accept(ref, urgency, "Noise")
    story.measure(ref)
    return ref


def test_whistled_reported_in_supervised_signed_off_rated_and_closed(story) -> None:
    ref = _noise(story)
    whistle = story.draft(ref, "key_work", "yunhu-chengguan", "yunhu-huanbao")
    story.approve_and_blow(whistle)
    _supervised(story, ref)

    for key in ("zhang", "zheng"):
        story.come(key, whistle)
        story.result(key, whistle)
    story.sign_off(whistle)
    assert "Signed off" not in story.field("zhang", whistle).text, "the supervisor has not signed"
    page = story.who("liu").get("/watch").click("工地夜里")
    page = page.form("sign-in").submit(lat=str(HERE[0]), lon=str(HERE[1]))
    page = (
        page.follow(f"{page.path}/finding")
        .form("finding")
        .submit(words="已经停工，安静了。", photos=[picture("grey")])
    )
    page.form("sign-off").submit()
    assert "Signed off" in story.field("zhang", whistle).text

    story.check(ref)
    for key in ("wang", "li", "chen", "liu"):
        story.rate(key, ref, "yes", 5)
    story.wait(days=8)

    page = story.page("wang", ref)
    assert "All 5 steps done" in page
    assert "已责令停工。" in page


def _supervised(story, ref: str) -> None:
    page = story.who("zhao").get(f"/p/{ref}/invite")
    page.form("invite").submit(supervisor="刘师傅")
    story.who("liu").get("/watch").click("工地夜里").form("accept").submit()


def test_handed_back_by_a_department_and_rerouted(story) -> None:
    ref = _noise(story)
    whistle = story.draft(ref, "key_work", "yunhu-zhujian")
    story.approve_and_blow(whistle)
    page = story.field("feng", whistle).click("not our duty")
    page.form("hand-back").submit(item="夜间施工噪声查处", words="噪声由城管查处。")

    page = story.whistle("zhao", whistle).click("Call another instead")
    page.form("reroute").submit(unit="区城管大队", task="到场查处")

    story.come("zhang", whistle)
    story.result("zhang", whistle)
    story.sign_off(whistle)
    assert "Check: it is done" in str(story.page("zhou", ref).links())


def test_a_hand_back_that_the_district_overrules(story) -> None:
    ref = _noise(story)
    whistle = story.draft(ref, "key_work", "yunhu-chengguan")
    story.approve_and_blow(whistle)
    page = story.field("zhang", whistle).click("not our duty")
    page.form("hand-back").submit(item="夜间施工噪声查处", words="不归我们。")

    assert whistle in str(story.who("lin").get("/district/whistles").links())
    page = story.who("lin").get(f"/whistles/{whistle}/callouts/yunhu-chengguan/overrule-hand-back")
    page.form("overrule-hand-back").submit(words="清单第 2 项，牵头单位就是城管。")

    story.field("zhang", whistle).form("set-out").submit(minutes="15")
    story.arrive("zhang", whistle)


def test_an_emergency_with_a_late_arrival(story) -> None:
    ref = story.report("wang", "闻到很重的煤气味。")
    story.accept(ref, "L1", "Gas safety")
    whistle = story.draft(ref, "emergency", "yunhu-gas")
    story.whistle("zhao", whistle).form("blow").submit()

    story.wait(minutes=100)
    assert "did not come in time: absent" in story.whistle("zhao", whistle)
    story.come("ma", whistle)
    story.result("ma", whistle)
    story.sign_off(whistle)

    assert "Check: it is done" in str(story.page("zhou", ref).links())
    assert whistle in str(story.who("lin").get("/district/whistles").links()), "a late review"


def test_a_recess_over_two_days(story) -> None:
    ref = _noise(story)
    whistle = story.draft(ref, "key_work", "yunhu-chengguan")
    story.approve_and_blow(whistle)
    story.come("zhang", whistle)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    page = story.field("zhang", whistle).click("Leave the site, keep the duty")
    page.form("ask-recess").submit(
        words="等检测结果。", next_on=tomorrow.isoformat(), person="张磊"
    )
    story.whistle("zhao", whistle).form("grant-recess").submit()
    assert "Off site" in story.field("zhang", whistle).text

    story.wait(days=1)
    page = story.field("zhang", whistle).click("I am back")
    page.form("resume").submit(lat=str(HERE[0]), lon=str(HERE[1]))
    story.result("zhang", whistle)
    story.sign_off(whistle)

    assert "Check: it is done" in str(story.page("zhou", ref).links())


def test_an_enforcement_whistle_is_invisible_until_released(story) -> None:
    ref = _noise(story)
    at = datetime.now(UTC) + timedelta(hours=8 + 30)
    whistle = story.draft(
        ref, "enforcement", "yunhu-chengguan", appointed_at=at.strftime("%Y-%m-%dT%H:%M")
    )
    story.approve_and_blow(whistle)

    visitor = story.who("li").again()
    visitor.get(f"/whistles/{whistle}", expect=404)
    for page in (visitor.get(f"/p/{ref}"), visitor.get("/problems"), story.page("wang", ref)):
        assert "histle" not in page.main
        assert "城管" not in page.main

    story.come("zhang", whistle)
    story.result("zhang", whistle)
    story.sign_off(whistle)
    visitor.get(f"/whistles/{whistle}", expect=404)
    page = story.who("zhao").get(f"/whistles/{whistle}/release")
    page.form("release").submit(words="夜间施工已查处，工地停工三天。")

    assert "夜间施工已查处" in visitor.get(f"/whistles/{whistle}").text
