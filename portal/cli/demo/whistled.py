"""Chapters with a whistle: departments called, on their way, there, or done."""

from portal.cli.demo.stage import Stage
from portal.cli.demo.whistling import Call, Line, Visiting, blow, in_minutes
from portal.cli.demo.words import SO_SO, VERY, WELL, days, hours, minutes, neighbours
from portal.problems.states import Urgency
from portal.whistles.states import Kind, Outcome


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
        Kind.KEY_WORK, "河道排污口", "查清南岸排污口来源并封堵。",
        "街道无执法权，两次查看未能溯源。",
        "铁狮里南岸步道", ["yunhu-huanbao", "yunhu-chengguan", "wanghu-police"], item=30,
    )  # fmt: skip
    whistle = blow(stage, days(7), found, spot, call)
    for unit, key, offset in (
        ("yunhu-huanbao", "zheng", 0), ("yunhu-chengguan", "zhang", 8), ("wanghu-police",
        "zhouli", 15),
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


def site(stage: Stage, title: str) -> None:
    """The night site: four departments called, two there, one on its way, one not yet.

    An enforcement: no supervisor and no public page before its outcome is released.
    """
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
    call = Call(
        Kind.ENFORCEMENT, "朝阳里工地夜间施工扰民，请四部门到场执法",
        "核验夜间施工许可，责令停工并依法处置。",
        "职责清单第 41 项；居民反映 4 件；社区、街道已劝停 2 次。",
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
        Kind.KEY_WORK, "路灯电缆抢修", "查明地下电缆故障并恢复照明。",
        "职责清单第 1 项，产权在供电所。",
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
        Kind.EMERGENCY, "燃气味 · 北湖湾 9 号楼", "排查燃气泄漏，疏散三层以上住户。",
        "居民报告楼道有燃气味。",
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
        Kind.ENFORCEMENT, "群租房隔断 · 槐荫里 6 号楼", "核查并拆除违规隔断。",
        "职责清单第 44 项，街道无执法权。",
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
