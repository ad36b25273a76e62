"""The story that the demonstration opens on: what goes on in 望湖街道 this afternoon.

A chapter is one problem, told as far as it has come. Its title says whether it was told already,
so a run that was cut goes on where it stopped.
"""

import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.cli.demo.district import HERE, district_id
from portal.cli.demo.stage import Stage
from portal.cli.demo.whistling import Call, Line, Visiting, blow, in_minutes
from portal.core import clock
from portal.core.db import db
from portal.problems import services
from portal.problems.importing.orders import Order
from portal.problems.models import Problem
from portal.problems.queries import lock
from portal.problems.services import hotline
from portal.problems.states import Source, Urgency
from portal.satisfaction.rules import Answer, Complaint, Grade, Solved
from portal.whistles.states import Kind, Outcome

VERY = Answer(Solved.YES, Grade.VERY_SATISFIED)
WELL = Answer(Solved.YES, Grade.SATISFIED)
SO_SO = Answer(Solved.PARTLY, Grade.BASICALLY)
NO = Answer(Solved.NO, Grade.DISSATISFIED, (Complaint.UNSOLVED, Complaint.SLOW))


def minutes(count: float) -> timedelta:
    """Return so many minutes."""
    return timedelta(minutes=count)


def hours(count: float) -> timedelta:
    """Return so many hours."""
    return timedelta(hours=count)


def days(count: float) -> timedelta:
    """Return so many days."""
    return timedelta(days=count)


def neighbours(first: int, last: int) -> list[str]:
    """Return the keys of some unnamed neighbours."""
    return [f"neighbour{number}" for number in range(first, last + 1)]


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


def outfall(stage: Stage, title: str) -> None:
    """Whistled, done by three, waiting for the residents."""
    spot = stage.spot("铁狮里", "2 号楼")
    found = stage.submit(
        days(9), "neighbour15", spot, title=title, category="water", scenes=["river_foul"],
        body="南岸有个管子往河里排黑水，夏天味儿特别大。", address="铁狮里南岸步道",
    )  # fmt: skip
    stage.accept(days(9) - minutes(25), found)
    stage.join(days(8), found, *neighbours(16, 18))
    stage.measure(
        days(8), found, "zhao", "visit", "和社区去看了两次，找不到管子是谁家的。", ["manhole"]
    )
    call = Call(
        Kind.KEY_WORK, "河道排污口", "查清南岸排污口来源并封堵。", "街道无执法权，两次查看未能溯源。",
        "铁狮里南岸步道", ["yunhu-huanbao", "yunhu-chengguan", "wanghu-police"], item=30,
    )  # fmt: skip
    whistle = blow(stage, days(7), found, spot, call)
    for unit, key, offset in (
        ("yunhu-huanbao", "zheng", 0), ("yunhu-chengguan", "zhang", 8), ("wanghu-police", "zhouli", 15),
    ):  # fmt: skip
        line = Line(stage, whistle, unit, key)
        line.acknowledge(days(7) - minutes(10 + offset))
        line.report_in(days(6) - minutes(offset), spot, 2)
        words = {
            "zheng": "取样送检，排污口属一家洗车店，已立案。",
            "zhang": "洗车店停业整改，私接管已封堵。",
            "zhouli": "现场秩序正常，协助取证完毕。",
        }[key]
        outcome = Outcome.CASE_OPENED if key == "zheng" else Outcome.FIXED
        scene = "river_clean" if key == "zhang" else "manhole"
        line.record(days(5) - minutes(offset), words, scene, outcome)
    stage.show_result(days(4), found, "river_clean", "zhao")
    for unit, key in (
        ("yunhu-huanbao", "zheng"), ("yunhu-chengguan", "zhang"), ("wanghu-police", "zhouli"),
    ):  # fmt: skip
        Line(stage, whistle, unit, key).stand_down(days(3))
    stage.publish(days(3) - minutes(30), found)
    stage.verify(days(2), found, "he", "封堵牢固，连看两天没有再排。")
    stage.rate(
        days(1), found,
        {"neighbour15": VERY, "neighbour16": WELL, "neighbour17": WELL, "neighbour18": VERY,
         "neighbour19": SO_SO},
        "水清了，味儿也没了。",
    )  # fmt: skip


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


def site(stage: Stage, title: str) -> None:
    """The night site: four departments called, two there, one on its way, one not yet."""
    spot = stage.spot("朝阳里", "7 号楼")
    found = stage.submit(
        hours(38), "li", spot, title=title, category="noise", address="望湖东路 19 号工地北门",
        scenes=["night_site", "pump_truck"],
        body="夜里十二点多开始浇筑，孩子要中考，老人有心脏病，三晚没睡好。",
    )  # fmt: skip
    stage.accept(hours(38) - minutes(20), found, Urgency.L3)
    stage.join(hours(30), found, "chen", *neighbours(6, 7))
    stage.measure(hours(37), found, "sun", "persuade", "上门劝停，施工方说天亮前收工。")
    stage.measure(
        hours(14), found, "zhao", "persuade", "第二次劝停，仍在浇筑。街道没有执法权。", ["meter"]
    )
    visit = Visiting(stage, minutes(32), found)
    visit.accept(minutes(28))
    call = Call(
        Kind.ENFORCEMENT, "朝阳里工地夜间施工扰民，请四部门到场执法",
        "核验夜间施工许可，责令停工并依法处置。", "职责清单第 41 项；居民反映 4 件；社区、街道已劝停 2 次。",
        "望湖东路 19 号工地北门",
        ["yunhu-zhujian", "yunhu-chengguan", "wanghu-police", "yunhu-huanbao"],
        item=41, appointed_at=in_minutes(18.4),
    )  # fmt: skip
    whistle = blow(stage, minutes(12), found, spot, call)
    lines = {
        key: Line(stage, whistle, unit, key)
        for unit, key in (
            ("yunhu-zhujian", "feng"), ("yunhu-chengguan", "zhang"),
            ("wanghu-police", "zhouli"), ("yunhu-huanbao", "zheng"),
        )
    }  # fmt: skip
    for place, line in enumerate(lines.values()):
        line.acknowledge(minutes(10.5 - place / 4))
    lines["zheng"].set_out(minutes(8), 14)
    lines["zhang"].report_in(minutes(3), spot, 4)
    lines["zhouli"].report_in(minutes(1.5), spot, 2)
    visit.sign_in(minutes(1), spot)


def lamps(stage: Stage, title: str) -> None:
    """The power station is on site, the supervisor looks on: everybody may read this one."""
    spot = stage.spot("朝阳里", "3 号楼")
    found = stage.submit(
        hours(20), "wang", spot, title=title, category="lighting", scenes=["lamp_dark"],
        body="三号楼前两盏路灯都不亮，晚上接孩子看不见路。",
    )  # fmt: skip
    stage.accept(hours(20) - minutes(14), found)
    stage.join(hours(18), found, *neighbours(1, 5))
    stage.measure(
        hours(16), found, "zhao", "contact", "物业查过楼内电箱没问题，故障在地下电缆。", ["cables"]
    )
    visit = Visiting(stage, hours(3), found)
    visit.accept(hours(2.8))
    call = Call(
        Kind.KEY_WORK, "路灯电缆抢修", "查明地下电缆故障并恢复照明。", "职责清单第 1 项，产权在供电所。",
        "朝阳里 3 号楼东侧", ["wanghu-power", "yunhu-chengguan"], item=1,
    )  # fmt: skip
    whistle = blow(stage, hours(2), found, spot, call)
    power = Line(stage, whistle, "wanghu-power", "xu")
    urban = Line(stage, whistle, "yunhu-chengguan", "zhang")
    power.acknowledge(hours(1.9))
    urban.acknowledge(hours(1.85))
    power.report_in(minutes(60), spot, 2)
    urban.report_in(minutes(46), spot, 1)
    visit.sign_in(minutes(40), spot)
    power.record(
        minutes(20), "查明是地下电缆接头烧坏，今晚 20:00 前恢复照明。", "lamp_lit", Outcome.OTHER
    )


def gas(stage: Stage, title: str) -> None:
    """An emergency: two of three are there, the gas company is not, four minutes are left."""
    spot = stage.spot("北湖湾", "9 号楼")
    found = stage.submit(
        minutes(31), "neighbour20", spot, title=title, category="gas",
        body="三层楼道里一股燃气味，楼上有老人。",
    )  # fmt: skip
    stage.accept(minutes(29), found, Urgency.L1)
    call = Call(
        Kind.EMERGENCY, "燃气味 · 北湖湾 9 号楼", "排查燃气泄漏，疏散三层以上住户。", "居民报告楼道有燃气味。",
        "北湖湾 9 号楼南门", ["yunhu-gas", "wanghu-police", "yunhu-chengguan"], item=4,
    )  # fmt: skip
    whistle = blow(stage, minutes(25.8), found, spot, call)
    Line(stage, whistle, "yunhu-gas", "ma").acknowledge(minutes(22))
    for unit, key, ago in (("wanghu-police", "zhouli", 16), ("yunhu-chengguan", "zhang", 13)):
        line = Line(stage, whistle, unit, key)
        line.acknowledge(minutes(23))
        line.report_in(minutes(ago), spot, 2)


def letting(stage: Stage, title: str) -> None:
    """An enforcement that the public does not see: one of four is there."""
    spot = stage.spot("槐荫里", "6 号楼")
    found = stage.submit(
        days(2), "neighbour14", spot, title=title, category="group_rental", scenes=["bench"],
        body="602 打了隔断住了十几个人，厨房也住人，插线板到处拉。",
    )  # fmt: skip
    stage.accept(days(2) - minutes(20), found)
    stage.measure(days(1), found, "zhao", "visit", "敲门未开，向房东电话告知未果。", ["cables"])
    call = Call(
        Kind.ENFORCEMENT, "群租房隔断 · 槐荫里 6 号楼", "核查并拆除违规隔断。", "职责清单第 44 项，街道无执法权。",
        "槐荫里 6 号楼北门",
        ["yunhu-zhujian", "wanghu-police", "yunhu-xiaofang", "yunhu-chengguan"],
        item=44, appointed_at=in_minutes(15.7),
    )  # fmt: skip
    whistle = blow(stage, minutes(40), found, spot, call)
    for unit, key in (
        ("yunhu-zhujian", "feng"), ("wanghu-police", "zhouli"), ("yunhu-chengguan", "zhang"),
    ):  # fmt: skip
        Line(stage, whistle, unit, key).acknowledge(minutes(30))
    Line(stage, whistle, "wanghu-police", "zhouli").set_out(minutes(5), 12)
    Line(stage, whistle, "yunhu-zhujian", "feng").report_in(minutes(4), spot, 3)


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
        "每天早上西门外早市把路占满，昨天救护车进不来，耽误了二十分钟。", due_at=in_minutes(60 * 30),
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


CHAPTERS: dict[str, Callable[[Stage, str], None]] = {
    "5 号院消防通道被堵死": fire_lane,
    "单元门口台阶破了": steps,
    "南岸有管子往河里排黑水": outfall,
    "垃圾清了又堆": garbage_again,
    "楼下飞线充电": cables,
    "602 打隔断群租": letting,
    "邻居借钱不还": debt,
    "工地夜里浇筑混凝土，连续三晚": site,
    "花园长椅坏了": bench,
    "三号楼前两盏路灯不亮": lamps,
    "共享单车堵了人行道": bikes,
    "西门外早市占道，救护车进不来": market,
    "楼道里有燃气味": gas,
    "6 号楼地下室住人，电线乱拉": basement,
    "小学门口井盖松动，踩上去会翘": manhole,
    "锅炉房烟囱冒黑烟": smoke,
}


def untold() -> list[str]:
    """Return the titles of the chapters that are not in the database."""
    told = set(
        db.session.scalars(
            select(Problem.title).where(
                Problem.district_id == district_id(), Problem.title.in_(CHAPTERS)
            )
        )
    )
    return [title for title in CHAPTERS if title not in told]


def tell(say: Callable[[str], None]) -> int:
    """Tell what is not told yet; returns how many chapters."""
    titles = untold()
    if not titles:
        return 0
    cast = tomllib.loads((HERE / "cast.toml").read_text(encoding="utf-8"))
    stage = Stage(district_id(), {row["key"]: row["phone"] for row in cast["residents"]})
    for title in titles:
        say(f"{clock.now():%H:%M:%S} {title}")
        CHAPTERS[title](stage, title)
    return len(titles)
