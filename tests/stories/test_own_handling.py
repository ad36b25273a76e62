"""Problems that the street handles with its own hands, and what residents say of it."""


def test_handled_by_the_property_company_and_closed_satisfied(story) -> None:
    ref = story.report("wang", "楼道灯坏了三天，晚上看不见路。")
    assert "王女士" not in story.who("li").again().get("/problems").text
    story.accept(ref)
    for key in ("li", "chen"):
        story.join(key, ref)
    story.assign(ref, "物业")
    story.handle("cao", ref, "换了灯管。")
    story.check(ref)

    for key, grade in (("wang", 5), ("li", 4), ("chen", 5), ("liu", 3)):
        page = story.rate(key, ref, "yes", grade)
        assert "Thank you" in page.h1
    story.wait(days=8)

    page = story.page("wang", ref)
    assert "All 5 steps done" in page
    assert "换了灯管。" in page
    visitor = story.who("wang").again().get(f"/p/{ref}")
    assert "换了灯管。" in visitor
    assert "13900000001" not in visitor.text


def test_rating_failed_reopened_and_closed_at_the_second_try(story) -> None:
    ref = story.handled("楼道灯坏了。")
    for key in ("li", "chen", "liu"):
        story.rate(key, ref, "no", 1)
    story.rate("wang", ref, "partly", 2)
    story.wait(days=8)
    assert "Opened again" in story.page("wang", ref).text

    story.assign(ref, "朝阳里社区居委会")
    story.handle("zhou", ref, "这次换了线路。")
    story.check(ref, "zhao")
    for key in ("wang", "li", "chen", "liu"):
        story.rate(key, ref, "yes", 5)
    story.wait(days=8)

    page = story.page("wang", ref)
    assert "All 5 steps done" in page
    assert "这次换了线路。" in page


def test_the_reporter_alone_reopens(story) -> None:
    ref = story.handled("楼道灯坏了。")

    story.rate("wang", ref, "no", 1)
    story.wait(days=8)

    assert "Opened again" in story.page("wang", ref).text
    assert ref in str(story.who("zhao").get("/dispatch").links())


def test_the_third_reopening_goes_to_the_district_which_orders_rework(story) -> None:
    ref = story.handled("楼道灯坏了。")
    for turn, (holder, key, checker) in enumerate(
        (("朝阳里社区居委会", "zhou", "zhao"), ("物业", "cao", "zhou"), (None, None, None))
    ):
        story.rate("wang", ref, "no", 1)
        story.wait(days=8)
        if holder is None:
            break
        assert "Opened again" in story.page("wang", ref).text, turn
        story.assign(ref, holder)
        story.handle(key, ref)
        story.check(ref, checker)

    assert ref in str(story.who("lin").get("/district").links())
    page = story.page("lin", ref).click("Order rework")
    page.form("order-rework").submit(words="三次没修好，请街道主任到场。")

    page = story.page("wang", ref)
    assert "三次没修好，请街道主任到场。" in page
    assert story.page("zhao", ref).has_link("Hand to a unit")


def test_too_few_raters_close_it_unrated(story) -> None:
    ref = story.handled("楼道灯坏了。")

    story.rate("li", ref, "yes", 5)
    story.wait(days=8)

    page = story.page("wang", ref)
    assert "Too few answered" in page
    assert "no figures are shown" in page


def test_declined_with_where_to_go(story) -> None:
    ref = story.report("wang", "高速路上的灯不亮。")
    page = story.page("zhao", ref).click("Send elsewhere")
    form = page.form("decline")
    form.submit(
        elsewhere=next(iter(form.options("elsewhere"))), reason="这段路不归街道，已替您转达。"
    )

    page = story.page("wang", ref)
    assert "这段路不归街道，已替您转达。" in page
    assert not story.page("zhao", ref).has_link("Hand to a unit")


def test_merged_and_unmerged_again(story) -> None:
    first = story.report("wang", "楼道灯坏了。")
    story.accept(first)
    second = story.report("li", "七号楼灯不亮。")
    page = (
        story.page("zhao", second)
        .click("Join with another")
        .follow(f"/p/{second}/merge?into={first}")
    )
    page.form("join them").submit()
    assert story.page("li", first).has_form("leave"), "she came along and may leave"

    page = story.page("zhao", second).click("Separate again")
    page.form("unmerge").submit()

    assert story.page("zhao", second).has_link("Accept")
    assert not story.page("li", first).has_form("leave")
