"""Chapters without a whistle: handled by the street's own, declined, or just come in."""

from datetime import datetime, timedelta

from portal.cli.demo.stage import Stage
from portal.cli.demo.whistling import in_minutes
from portal.cli.demo.words import NO, VERY, WELL, days, hours, minutes, neighbours
from portal.problems import services
from portal.problems.importing.orders import Order
from portal.problems.queries import lock
from portal.problems.services import hotline
from portal.problems.states import Source


def fire_lane(stage: Stage, title: str) -> None:
    """Closed a week ago, satisfied: the picture of a change."""
    spot = stage.spot("槐荫里", "5 号院")
    found = stage.submit(
        days(20), "neighbour9", spot, title=title, category="fire_lane", scenes=["lane_blocked"],
        body="院里的消防通道堆满了旧家具和自行车，救护车进不来。",
    )  # fmt: skip
    stage.accept(days(20) - minutes(18), found)
    stage.join(days(19), found, *neighbours(10, 13))
    stage.assign(days(20) - hours(1), found, "wanghu-team", "先贴告知，再集中清一次。")
    stage.acknowledge(days(20) - hours(2), found, "wu")
    stage.measure(days(18), found, "wu", "notice", "挨户贴了告知，约好周六一起清。")
    stage.finish(
        days(16), found, "wu", "清走杂物 11 车，划了黄线，装了两处停车桩。", ["lane_clear"]
    )
    stage.publish(days(16) - minutes(30), found)
    stage.verify(days(15), found, "zhao", "现场看过，消防车能开到院子最里面。")
    stage.rate(
        days(14), found,
        {"neighbour9": VERY, "neighbour10": VERY, "neighbour11": WELL, "neighbour12": VERY,
         "neighbour13": WELL, "neighbour14": VERY},
        "三年了，总算通了。",
    )  # fmt: skip
    stage.count(days(8), found)


def steps(stage: Stage, title: str) -> None:
    """Done by the property company; residents are asked now."""
    spot = stage.spot("朝阳里", "3 号楼")
    found = stage.submit(
        days(5), "wang", spot, title=title, category="road", scenes=["step_broken"],
        body="单元门口第二级台阶缺了一大块，我妈前天差点摔了。",
    )  # fmt: skip
    stage.accept(days(5) - minutes(12), found)
    stage.join(days(4), found, *neighbours(1, 3))
    stage.assign(days(5) - minutes(40), found, "chaoyangli-property", "老人多，请先围挡再修。")
    stage.acknowledge(days(5) - hours(2), found, "cao")
    stage.finish(days(2), found, "cao", "两级台阶重做，加了防滑条和扶手。", ["step_mended"])
    stage.publish(days(2) - minutes(20), found)
    stage.verify(days(1), found, "zhou", "踩过了，稳当，扶手也牢。")
    stage.rate(hours(20), found, {"neighbour1": VERY, "neighbour2": WELL}, "修得快。")


def garbage_again(stage: Stage, title: str) -> None:
    """Rated badly, opened again by its reporter."""
    spot = stage.spot("铁狮里", "1 号楼")
    found = stage.submit(
        days(6), "neighbour19", spot, title=title, category="garbage", scenes=["garbage"],
        body="1 号楼东头的垃圾清了又堆，今天又是一大堆。",
    )  # fmt: skip
    stage.accept(days(6) - minutes(15), found)
    stage.assign(days(6) - minutes(30), found, "wanghu-team", "先清一次，再想想怎么不反弹。")
    stage.acknowledge(days(6) - hours(1), found, "wu")
    stage.finish(days(4), found, "wu", "已清运两车。", ["garbage_gone"])
    stage.publish(days(4) - minutes(30), found)
    stage.verify(days(3), found, "zhao", "当天是干净的。")
    stage.rate(hours(5), found, {"neighbour19": NO}, "头天清，第二天又堆上了，等于没办。")


def bench(stage: Stage, title: str) -> None:
    """Held by the property company."""
    spot = stage.spot("朝阳里", "5 号楼")
    found = stage.submit(
        days(1.5), "chen", spot, title=title, category="facility", scenes=["bench"],
        body="小花园的长椅断了一条腿，老人坐不了。",
    )  # fmt: skip
    stage.accept(days(1.5) - minutes(20), found)
    stage.assign(days(1.5) - minutes(50), found, "chaoyangli-property", "能修就修，不能修先撤走。")
    stage.acknowledge(days(1.4), found, "cao")


def cables(stage: Stage, title: str) -> None:
    """Done, waits for somebody else's check."""
    spot = stage.spot("朝阳里", "7 号楼")
    found = stage.submit(
        days(3), "li", spot, title=title, category="charging", scenes=["cables"],
        body="二层窗户里拉出插线板给电动车充电，线都磨破皮了。",
    )  # fmt: skip
    stage.accept(days(3) - minutes(15), found)
    stage.assign(days(3) - minutes(40), found, "chaoyangli-property", supporters=["wanghu-team"])
    stage.acknowledge(days(3) - hours(1), found, "cao")
    stage.finish(hours(4), found, "cao", "线已拆，楼下新装了六个充电口。", ["lane_clear"])
    stage.publish(hours(3.8), found)


def bikes(stage: Stage, title: str) -> None:
    """Given to the street's own team, not acknowledged yet."""
    spot = stage.spot("北湖湾", "1 号楼")
    found = stage.submit(
        hours(5), "neighbour21", spot, title=title, category="bikes",
        body="地铁口到 1 号楼的人行道全是共享单车，轮椅过不去。",
    )  # fmt: skip
    stage.accept(hours(4.8), found)
    stage.assign(minutes(50), found, "wanghu-team", "请和企业一起挪，划个停放区。")


def piling(stage: Stage, title: str) -> None:
    """Tried twice with evidence: this one is ripe for a whistle."""
    spot = stage.spot("北湖湾", "2 号楼")
    found = stage.submit(
        hours(26), "neighbour22", spot, title=title, category="noise", scenes=["night_site"],
        body="后半夜还在打桩，床都在震，窗户关着也没用。", address="北湖湾南路 6 号工地",
    )  # fmt: skip
    stage.accept(hours(25.7), found)
    stage.join(hours(20), found, "neighbour20", "neighbour21")
    stage.measure(hours(22), found, "zhao", "persuade", "到工地劝停，答应十点后不打桩。", ["meter"])
    stage.measure(
        hours(2), found, "zhao", "persuade", "昨夜又打到两点，第二次劝停。", ["pump_truck"]
    )


def debt(stage: Stage, title: str) -> None:
    """Not for the street: where to go instead."""
    spot = stage.spot("朝阳里", "2 号楼")
    found = stage.submit(
        days(2), "neighbour6", spot, title=title, category="other",
        body="邻居借了我两万块钱，三年了不还，请街道帮忙要。",
    )  # fmt: skip
    stage.act(
        days(2) - minutes(22),
        lambda now: services.decline(
            lock(found),
            elsewhere="court",
            reason="民间借贷要由法院判。打 12348 可以先免费问律师，社区也能帮着调解一次。",
            actor=stage.actor("zhao"),
            now=now,
        ),
    )


def basement(stage: Stage, title: str) -> None:
    """Found by the grid worker on patrol."""
    stage.submit(
        minutes(6), "zhao", stage.spot("槐荫里", "6 号楼"), title=title, category="group_rental",
        body="地下室两间房住了人，电线乱拉，还在用电炉。", source=Source.GRID,
    )  # fmt: skip


def manhole(stage: Stage, title: str) -> None:
    """Just reported."""
    stage.submit(
        minutes(4), "chen", stage.spot("朝阳里", "5 号楼"), title=title, category="manhole",
        scenes=["manhole"], body="小学门口的井盖松了，踩上去会翘，孩子上学都绕着走。",
        address="望湖小学门口",
    )  # fmt: skip


def market(stage: Stage, title: str) -> None:
    """From the hotline: the street is late with it."""
    _order(
        stage, minutes(34), title, "WH-2026-1198", "铁狮里", "street_trade",
        "每天早上西门外早市把路占满，昨天救护车进不来，耽误了二十分钟。",
        due_at=in_minutes(60 * 30),
    )  # fmt: skip


def smoke(stage: Stage, title: str) -> None:
    """From the hotline, minutes ago."""
    _order(
        stage, minutes(2), title, "WH-2026-1207", "北湖湾", "smoke",
        "北湖湾锅炉房从早上起一直冒黑烟，窗台上一层灰。", due_at=in_minutes(60 * 48),
    )  # fmt: skip


def _order(
    stage: Stage,
    ago: timedelta,
    title: str,
    number: str,
    community: str,
    category: str,
    body: str,
    *,
    due_at: datetime,
) -> None:
    spot = stage.spot(community)
    scope = hotline.Scope(
        district_id=stage.district_id,
        street_id=spot.street_id,
        streets={},
        communities={community: (spot.street_id, spot.community_id)},
        categories=stage.categories,
    )

    def do(now: datetime) -> None:
        order = Order(
            row=1,
            number=number,
            title=title,
            body=body,
            submitted_at=now,
            reply=None,
            replied_at=None,
            due_at=due_at,
            follow_up="要求回访",
            category=category,
            street="",
            community=community,
            address=community,
        )
        hotline.take_in([order], scope, book=stage.book, now=now)

    stage.act(ago, do)
