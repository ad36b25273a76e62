"""The cast: the fictional people, places and units that all tests, docs and the demo share.

`settle` puts them into an empty database once a worker; `World` finds them again in each test.
Beside the demonstration's cast there is a second street with its dispatcher, to be refused.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from sqlalchemy import select

from portal.accounts.cast import RESIDENTS
from portal.accounts.models import Account, ContactPoint, Person, Residence
from portal.accounts.services import hash_password
from portal.accounts.states import CheckLevel, ContactKind
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.sealed import lookup_hash
from portal.core.uow import transaction
from portal.duties.models import Category, DutyItem, DutySupport
from portal.duties.states import ListKind, PowerHolder
from portal.organisations import queries as organisations
from portal.organisations.models import Mandate, Membership, Unit
from portal.organisations.states import Affiliation, MandateKind, Party, Role, UnitKind
from portal.places.models import Building, Compound, Division, Dwelling, GridCell
from portal.places.rules import geojson
from portal.places.states import Level
from portal.rulebook import queries as rulebook
from portal.rulebook.models import CalendarYear
from portal.rulebook.rules import Rulebook
from portal.rulebook.services import publish_edition

PASSWORD = "wufang-demo"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
DAY = date(2020, 1, 1)
HERE = (40.0120, 116.4730)  # the middle of 朝阳里

G, M, C = Party.GOVERNMENT, Party.MARKET, Party.COMMUNITY
K, A, R = UnitKind, Affiliation, Role

# code: name, short name, seal, kind, party, affiliation, street, community
UNITS = {
    "yunhu-platform": (
        "云湖区吹哨报到指挥平台", "区平台", "区", K.DISTRICT_PLATFORM, G, A.DISTRICT, None, None,
    ),
    "wanghu-office": (
        "望湖街道办事处", "望湖街道", "街", K.STREET_OFFICE, G, A.STREET, "望湖街道", None,
    ),
    "dongsheng-office": (
        "东升街道办事处", "东升街道", "街", K.STREET_OFFICE, G, A.STREET, "东升街道", None,
    ),
    "wanghu-team": (
        "望湖街道综合行政执法队", "街道执法队", "执", K.STREET_TEAM, G, A.STREET, "望湖街道", None,
    ),
    "chaoyangli-committee": (
        "朝阳里社区居委会", "朝阳里居委会", "居", K.COMMUNITY_COMMITTEE, C, A.STREET,
        "望湖街道", "朝阳里",
    ),
    "huaiyinli-committee": (
        "槐荫里社区居委会", "槐荫里居委会", "居", K.COMMUNITY_COMMITTEE, C, A.STREET,
        "望湖街道", "槐荫里",
    ),
    "yunhu-chengguan": (
        "区城管大队", "城管", "城", K.DEPARTMENT, G, A.DISTRICT, None, None,
    ),
    "wanghu-police": (
        "望湖派出所", "派出所", "警", K.DEPARTMENT, G, A.CITY, None, None,
    ),
    "yunhu-huanbao": (
        "区生态环境局", "生态环境局", "环", K.DEPARTMENT, G, A.DISTRICT, None, None,
    ),
    "yunhu-zhujian": (
        "区住建委", "住建委", "建", K.DEPARTMENT, G, A.DISTRICT, None, None,
    ),
    "wanghu-power": (
        "望湖供电所", "供电所", "电", K.UTILITY, M, A.ENTERPRISE, None, None,
    ),
    "yunhu-gas": (
        "云湖燃气", "燃气", "气", K.UTILITY, M, A.ENTERPRISE, None, None,
    ),
    "chaoyangli-property": (
        "朝阳里物业", "物业", "物", K.PROPERTY_COMPANY, M, A.ENTERPRISE, "望湖街道", "朝阳里",
    ),
}  # fmt: skip

# key: name, role, unit
STAFF = {
    "zhou": ("周芳", R.COMMUNITY_WORKER, "chaoyangli-committee"),
    "sun": ("孙丽", R.GRID_WORKER, "chaoyangli-committee"),
    "tang": ("唐静", R.COMMUNITY_WORKER, "huaiyinli-committee"),
    "zhao": ("赵敏", R.DISPATCHER, "wanghu-office"),
    "qian": ("钱进", R.DISPATCHER, "dongsheng-office"),
    "he": ("何平", R.STREET_LEADER, "wanghu-office"),
    "wu": ("吴强", R.OFFICER, "wanghu-team"),
    "zhang": ("张磊", R.OFFICER, "yunhu-chengguan"),
    "zhouli": ("周立", R.OFFICER, "wanghu-police"),
    "zheng": ("郑洁", R.OFFICER, "yunhu-huanbao"),
    "feng": ("冯涛", R.OFFICER, "yunhu-zhujian"),
    "gao": ("高远", R.UNIT_HEAD, "yunhu-zhujian"),
    "xu": ("许斌", R.OFFICER, "wanghu-power"),
    "ma": ("马跃", R.OFFICER, "yunhu-gas"),
    "cao": ("曹磊", R.OFFICER, "chaoyangli-property"),
    "lin": ("林岚", R.DISTRICT_OFFICER, "yunhu-platform"),
    "shen": ("沈静", R.REVIEWER, "yunhu-platform"),
    "bai": ("白雪", R.AUDITOR, "yunhu-platform"),
}

# key: public name, full name, building
PEOPLE = {
    "wang": ("王女士", "王秀兰", "3 号楼"),
    "li": ("李女士", "李婷", "7 号楼"),
    "chen": ("陈先生", "陈伟", "7 号楼"),
    "liu": ("刘师傅", "刘建国", "7 号楼"),
}
STREETS = {"望湖街道": "110199001", "东升街道": "110199002"}
COMMUNITIES = {"朝阳里": 0.0, "槐荫里": 0.006, "铁狮里": 0.012, "北湖湾": 0.018}
CATEGORIES = {
    "lighting": ("公共照明", "Street lights", "路灯 不亮 楼道灯"),
    "noise": ("噪声扰民", "Noise", "噪音 施工 夜间"),
    "rubbish": ("环境卫生", "Rubbish", "垃圾 堆积 异味"),
    "building": ("违法建设", "Illegal building", "违建 私搭 加盖"),
    "gas": ("燃气安全", "Gas safety", "燃气 漏气"),
    "parking": ("停车秩序", "Parking", "停车 占道 消防通道"),
}
# number: title, category, kind of list, who has the power, lead, supporters
DUTIES = {
    1: ("楼院公共照明维护", "lighting", ListKind.OWN, PowerHolder.NONE, None, ()),
    2: (
        "夜间施工噪声查处", "noise", ListKind.SUPPORTING, PowerHolder.DEPARTMENT,
        "yunhu-chengguan", ("yunhu-huanbao", "wanghu-police"),
    ),
    3: ("环境卫生保洁", "rubbish", ListKind.OWN, PowerHolder.STREET, None, ()),
    4: (
        "违法建设认定与拆除", "building", ListKind.SUPPORTING, PowerHolder.DEPARTMENT,
        "yunhu-zhujian", ("yunhu-chengguan",),
    ),
    5: (
        "燃气安全处置", "gas", ListKind.TAKEN_BACK, PowerHolder.DEPARTMENT,
        "yunhu-gas", ("wanghu-police",),
    ),
}  # fmt: skip


def settle() -> None:
    """Put the cast into an empty database."""
    with transaction():
        _divisions()
        district = _district()
        publish_edition(district.id, rulebook.DEFAULT.read_text(), now=SINCE)
        db.session.add(CalendarYear(district_id=district.id, year=2027, source="tests"))
        _units(district.id)
        _people()
        _duties(district.id)
    rulebook.forget()


def _district() -> Division:
    return db.session.scalars(select(Division).where(Division.level == Level.DISTRICT)).one()


def _divisions() -> None:
    district = Division(
        key="110199", level=Level.DISTRICT, code="110199", name="云湖区", valid_from=DAY
    )
    db.session.add(district)
    db.session.flush()
    for name, code in STREETS.items():
        street = Division(
            key=code, level=Level.STREET, code=code, name=name, valid_from=DAY,
            parent_id=district.id, district_id=district.id, phone="010-5550 1000",
        )  # fmt: skip
        db.session.add(street)
        db.session.flush()
        names = COMMUNITIES if name == "望湖街道" else {"东升里": 0.05}
        for community, east in names.items():
            _community(district.id, street, community, east)


def _community(district_id: int, street: Division, name: str, east: float) -> None:
    latitude, longitude = HERE[0], HERE[1] + east
    community = Division(
        key=f"{street.key}:{name}:{DAY.isoformat()}", level=Level.COMMUNITY, name=name,
        valid_from=DAY, parent_id=street.id, district_id=district_id, phone="010-5550 1234",
        latitude=latitude, longitude=longitude,
    )  # fmt: skip
    db.session.add(community)
    db.session.flush()
    half = 0.003
    west, eastern = longitude - half, longitude + half
    south, north = latitude - half, latitude + half
    ring = ((west, south), (eastern, south), (eastern, north), (west, north))
    grid = GridCell(
        community_id=community.id, number=1, name="1 号网格", valid_from=DAY,
        polygon=geojson(ring),
        min_lng=west, max_lng=eastern, min_lat=south, max_lat=north,
    )  # fmt: skip
    compound = Compound(community_id=community.id, name=f"{name}小区")
    db.session.add_all([grid, compound])
    db.session.flush()
    for number in (3, 7):
        building = Building(
            compound_id=compound.id, community_id=community.id, grid_id=grid.id,
            name=f"{number} 号楼", latitude=latitude + number / 10_000, longitude=longitude,
        )  # fmt: skip
        db.session.add(building)
        db.session.flush()
        db.session.add(Dwelling(building_id=building.id, number="101"))


def _units(district_id: int) -> None:
    names = {d.name: d.id for d in db.session.scalars(select(Division))}
    for code, (name, short, seal, kind, party, affiliation, street, community) in UNITS.items():
        db.session.add(
            Unit(
                code=code,
                name=name,
                short_name=short,
                seal=seal,
                kind=kind,
                party=party,
                affiliation=affiliation,
                district_id=district_id,
                street_id=names[street] if street else None,
                community_id=names[community] if community else None,
                duty_phone="010-5550 2000",
            )
        )
    db.session.flush()
    units = {u.code: u.id for u in db.session.scalars(select(Unit))}
    password = hash_password(PASSWORD)
    for key, (name, role, code) in STAFF.items():
        person = Person(public_name=name, full_name=name, created_at=SINCE)
        db.session.add(person)
        db.session.flush()
        db.session.add_all(
            [
                Account(person_id=person.id, login=key, password_hash=password, created_at=SINCE),
                Membership(
                    person_id=person.id, unit_id=units[code], role=role, started_at=SINCE
                ),
                ContactPoint(
                    person_id=person.id, kind=ContactKind.EMAIL, value=f"{key}@example.cn",
                    value_hash=lookup_hash("contact", f"{key}@example.cn"), verified_at=SINCE,
                ),
            ]
        )  # fmt: skip


def _people() -> None:
    home = db.session.scalars(select(Division).where(Division.name == "朝阳里")).one()
    for key, (public, full, at) in PEOPLE.items():
        phone = RESIDENTS[key][0]
        person = Person(public_name=public, full_name=full, created_at=SINCE)
        db.session.add(person)
        db.session.flush()
        building = db.session.scalars(
            select(Building).where(Building.community_id == home.id, Building.name == at)
        ).one()
        db.session.add_all(
            [
                Account(person_id=person.id, created_at=SINCE),
                ContactPoint(
                    person_id=person.id, kind=ContactKind.PHONE, value=phone,
                    value_hash=lookup_hash("contact", phone), verified_at=SINCE, signs_in=True,
                ),
                Residence(
                    person_id=person.id, community_id=home.id, grid_id=building.grid_id,
                    building_id=building.id, check_level=int(CheckLevel.CONFIRMED),
                    valid_from=SINCE.date(),
                ),
            ]
        )  # fmt: skip
        if key == "liu":
            db.session.add(
                Mandate(
                    person_id=person.id,
                    kind=MandateKind.SUPERVISOR,
                    area_id=home.id,
                    note="7 号楼楼门长",
                    started_at=SINCE,
                )
            )


def _duties(district_id: int) -> None:
    for position, (code, (name, english, keywords)) in enumerate(CATEGORIES.items()):
        db.session.add(
            Category(code=code, name=name, name_en=english, keywords=keywords, position=position)
        )
    db.session.flush()
    categories = {c.code: c.id for c in db.session.scalars(select(Category))}
    units = {u.code: u.id for u in db.session.scalars(select(Unit))}
    for number, (title, category, kind, power, lead, supporters) in DUTIES.items():
        item = DutyItem(
            district_id=district_id, number=number, version=1, title=title,
            category_id=categories[category], list_kind=kind, power_holder=power, power_from=DAY,
            lead_unit_id=units[lead] if lead else None, legal_basis="《云湖区履职清单》（虚构）",
            keywords=CATEGORIES[category][2], valid_from=DAY,
        )  # fmt: skip
        db.session.add(item)
        db.session.flush()
        db.session.add_all(DutySupport(item_id=item.id, unit_id=units[code]) for code in supporters)


@dataclass(frozen=True)
class Home:
    """Where a problem may be: the ids of one building and what it lies in."""

    district_id: int
    street_id: int
    community_id: int
    grid_id: int | None
    building_id: int
    latitude: float
    longitude: float


class World:
    """Finds the cast in the database of the test at hand."""

    @cached_property
    def district(self) -> int:
        """云湖区."""
        return _district().id

    @cached_property
    def street(self) -> int:
        """望湖街道."""
        return self.place("望湖街道")

    @cached_property
    def community(self) -> int:
        """朝阳里."""
        return self.place("朝阳里")

    def place(self, name: str) -> int:
        """Return the division of this name."""
        return db.session.scalars(select(Division.id).where(Division.name == name)).one()

    def home(self, community: str = "朝阳里", building: str = "7 号楼") -> Home:
        """Return where a building lies."""
        community_id = self.place(community)
        found = db.session.scalars(
            select(Building).where(Building.community_id == community_id, Building.name == building)
        ).one()
        street_id = db.session.get_one(Division, community_id).parent_id
        assert street_id is not None
        return Home(
            district_id=self.district, street_id=street_id, community_id=community_id,
            grid_id=found.grid_id, building_id=found.id, latitude=found.latitude,
            longitude=found.longitude,
        )  # fmt: skip

    def unit(self, code: str) -> int:
        """Return the unit with this code."""
        return db.session.scalars(select(Unit.id).where(Unit.code == code)).one()

    def unit_of(self, key: str) -> int:
        """Return the unit for which somebody of the cast sits."""
        return self.unit(STAFF[key][2])

    def category(self, code: str = "lighting") -> int:
        """Return the category with this code."""
        return db.session.scalars(select(Category.id).where(Category.code == code)).one()

    def duty(self, number: int) -> int:
        """Return the item of the duty list with this number."""
        return db.session.scalars(select(DutyItem.id).where(DutyItem.number == number)).one()

    def account(self, key: str) -> int:
        """Return the account of somebody of the cast."""
        query = select(Account.id).where(Account.person_id == self.person(key))
        return db.session.scalars(query).one()

    def person(self, key: str) -> int:
        """Return somebody of the cast."""
        if key in STAFF:
            query = select(Account.person_id).where(Account.login == key)
        else:
            value = lookup_hash("contact", RESIDENTS[key][0])
            query = select(ContactPoint.person_id).where(ContactPoint.value_hash == value)
        return db.session.scalars(query).one()

    def actor(self, key: str) -> Actor:
        """Return somebody of the cast as an actor, as the desk would build it."""
        person = db.session.get_one(Person, self.person(key))
        return organisations.actor_of(person.id, person.public_name, datetime.now(UTC))

    @property
    def book(self) -> Rulebook:
        """The rules in force."""
        return rulebook.current(self.district, datetime.now(UTC).date())
