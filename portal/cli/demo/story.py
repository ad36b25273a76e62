"""The story that the demonstration opens on: what goes on in 望湖街道 this afternoon.

A chapter is one problem, told as far as it has come. Its title says whether it was told already,
so a run that was cut goes on where it stopped.
"""

import tomllib
from collections.abc import Callable

from sqlalchemy import select

from portal.cli.demo import handled, whistled
from portal.cli.demo.district import HERE, district_id
from portal.cli.demo.stage import Stage
from portal.core.db import db
from portal.problems.models import Problem

CHAPTERS: dict[str, Callable[[Stage, str], None]] = {
    "5 号院消防通道被堵死": handled.fire_lane,
    "单元门口台阶破了": handled.steps,
    "南岸有管子往河里排黑水": whistled.outfall,
    "垃圾清了又堆": handled.garbage_again,
    "楼下飞线充电": handled.cables,
    "602 打隔断群租": whistled.letting,
    "邻居借钱不还": handled.debt,
    "工地夜里浇筑混凝土，连续三晚": whistled.site,
    "后半夜还在打桩": handled.piling,
    "花园长椅坏了": handled.bench,
    "三号楼前两盏路灯不亮": whistled.lamps,
    "共享单车堵了人行道": handled.bikes,
    "西门外早市占道，救护车进不来": handled.market,
    "楼道里有燃气味": whistled.gas,
    "6 号楼地下室住人，电线乱拉": handled.basement,
    "小学门口井盖松动，踩上去会翘": handled.manhole,
    "锅炉房烟囱冒黑烟": handled.smoke,
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
        say(title)
        CHAPTERS[title](stage, title)
    return len(titles)
