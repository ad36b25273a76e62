"""From a row of an export to a work order, or to the reason why it is refused."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.problems.importing import times
from portal.problems.importing.reading import Cell

# The widths of the columns that hold them; a text has none but must stay readable on a page.
MOST_NUMBER, MOST_TITLE, MOST_ADDRESS, MOST_FOLLOW_UP = 60, 80, 120, 60
MOST_TEXT = 20_000
# Left over from old terminals; no page may hold them.
_CONTROLS = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f]")
CLOCKS_DIFFER = timedelta(hours=1)


class Field(StrEnum):
    """What a column may hold."""

    NUMBER = "external_no"
    TITLE = "title"
    BODY = "body"
    SUBMITTED = "submitted_at"
    REPLY = "reply"
    REPLIED = "replied_at"
    DUE = "due_at"
    FOLLOW_UP = "follow_up"
    CATEGORY = "category"
    STREET = "street"
    COMMUNITY = "community"
    ADDRESS = "address"


F = Field
REQUIRED = (F.NUMBER, F.BODY, F.SUBMITTED)

# Headers as exports of 12345 and of message boards write them, in the order of preference.
KNOWN: Mapping[Field, tuple[str, ...]] = {
    F.NUMBER: (
        "external_no", "message_id", "工单编号", "工单号", "案件编号", "案件号", "诉求编号",
        "受理编号", "留言编号", "编号", "流水号",
    ),
    F.TITLE: ("title", "标题", "工单标题", "诉求标题", "主题", "留言主题", "事项"),
    F.BODY: (
        "body", "text", "诉求内容", "工单内容", "问题描述", "反映内容", "来电内容", "留言详情",
        "内容", "描述",
    ),
    F.SUBMITTED: (
        "submitted_at", "来电时间", "受理时间", "诉求时间", "反映时间", "提交时间", "上报时间",
        "留言时间", "派单时间", "创建时间",
    ),
    F.REPLY: (
        "reply", "official_reply", "答复内容", "答复意见", "办理结果", "回复内容", "办理情况",
        "处理结果",
    ),
    F.REPLIED: ("replied_at", "答复时间", "回复时间", "办结时间", "结案时间"),
    F.DUE: ("due_at", "办理期限", "办结时限", "截止时间", "处置截止时间", "到期时间", "办理时限"),
    F.FOLLOW_UP: ("follow_up", "回访结果", "回访情况", "满意度", "回访评价"),
    F.CATEGORY: ("category", "诉求分类", "问题分类", "诉求类别", "问题类型", "小类名称", "分类"),
    F.STREET: ("street", "所属街道", "街道", "承办街道", "街乡镇"),
    F.COMMUNITY: ("community", "所属社区", "社区", "社区名称"),
    F.ADDRESS: ("address", "诉求地址", "地址", "详细地址", "问题地址", "发生地址", "地点"),
}  # fmt: skip


class ColumnsMissing(Exception):
    """The header lacks what every order needs; the message says how to name it."""


class RowRefused(Exception):
    """This row can't become a problem; the message says why."""


@dataclass(frozen=True)
class Columns:
    """Which column holds what; `ignored` are the headers nobody reads."""

    at: Mapping[Field, int]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class Order:
    """One work order. Times are UTC; None is unknown."""

    row: int
    number: str
    title: str
    body: str
    submitted_at: datetime
    reply: str | None
    replied_at: datetime | None
    due_at: datetime | None
    follow_up: str | None
    category: str
    street: str
    community: str
    address: str

    @property
    def is_answered(self) -> bool:
        """Whether the hotline had an answer before the import."""
        return self.reply is not None

    def fingerprint(self) -> str:
        """Return all that the hotline said, as one text to compare by."""
        parts = (
            self.title, self.body, self.submitted_at, self.reply, self.replied_at, self.due_at,
            self.follow_up, self.category, self.street, self.community, self.address,
        )  # fmt: skip
        return "\x1f".join("" if part is None else str(part) for part in parts)


def columns(header: Sequence[str], chosen: Mapping[str, Field]) -> Columns:
    """Match a header to fields; `chosen` (header -> field) goes before what is known.

    Raises ColumnsMissing, also when a chosen header is not there.
    """
    names = [_header(name) for name in header]
    at: dict[Field, int] = {}
    for source, target in chosen.items():
        if _header(source) not in names:
            raise ColumnsMissing(f"There is no column {source}. Columns: {_listed(header)}")
        at[target] = names.index(_header(source))
    for field, known in KNOWN.items():
        if field not in at:
            place = next((names.index(name) for name in known if name in names), None)
            if place is not None and place not in at.values():
                at[field] = place
    missing = [field for field in REQUIRED if field not in at]
    if missing:
        advice = " ".join(f"--map COLUMN={field}" for field in missing)
        raise ColumnsMissing(
            f"No column holds {', '.join(missing)}: say {advice}. Columns: {_listed(header)}"
        )
    used = set(at.values())
    ignored = tuple(name for i, name in enumerate(header) if i not in used and name.strip())
    return Columns(at, ignored)


def order(row: int, cells: Sequence[Cell], where: Columns, now: datetime) -> Order:
    """Read one row; raises RowRefused with the reason."""

    def cell(field: Field) -> Cell:
        place = where.at.get(field)
        return "" if place is None or place >= len(cells) else cells[place]

    body = _text(cell(F.BODY), "text", MOST_TEXT)
    if not body:
        raise RowRefused("the text is empty")
    number = _line(cell(F.NUMBER), "number", MOST_NUMBER)
    if not number:
        raise RowRefused("the number is empty")
    submitted = _time(cell(F.SUBMITTED), F.SUBMITTED)
    if submitted is None:
        raise RowRefused("submitted_at is empty")
    if submitted > now + CLOCKS_DIFFER:
        raise RowRefused("submitted_at lies in the future")
    reply = _text(cell(F.REPLY), "reply", MOST_TEXT) or None
    replied = _time(cell(F.REPLIED), F.REPLIED) if reply else None
    if replied is not None and replied < submitted:
        raise RowRefused("replied_at lies before submitted_at")
    return Order(
        row=row,
        number=number,
        title=_title(cell(F.TITLE), body),
        body=body,
        submitted_at=submitted,
        reply=reply,
        replied_at=replied,
        due_at=_time(cell(F.DUE), F.DUE, end_of_day=True),
        follow_up=_line(cell(F.FOLLOW_UP), "follow_up", MOST_FOLLOW_UP) or None,
        category=_line(cell(F.CATEGORY), "category", MOST_ADDRESS),
        street=_line(cell(F.STREET), "street", MOST_ADDRESS),
        community=_line(cell(F.COMMUNITY), "community", MOST_ADDRESS),
        address=_line(cell(F.ADDRESS), "address", MOST_TEXT)[:MOST_ADDRESS],
    )


def _title(cell: Cell, body: str) -> str:
    title = (
        _line(cell, "title", MOST_TEXT) or re.split(r"[。！？!?\n]", body, maxsplit=1)[0].strip()
    )
    title = title or body
    return title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1] + "…"


def _time(cell: Cell, field: Field, *, end_of_day: bool = False) -> datetime | None:
    if cell is None or str(cell).strip() == "":
        return None
    try:
        return times.read(cell, end_of_day=end_of_day)
    except times.NotATime:
        raise RowRefused(f"{field} is no time: {str(cell)[:30]!r}") from None


def _line(cell: Cell, name: str, most: int) -> str:
    return " ".join(_text(cell, name, most).split())


def _text(cell: Cell, name: str, most: int) -> str:
    """Return a cell's text: a formula-looking one is just text. Raises RowRefused."""
    if cell is None:
        return ""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    if len(text) > most:
        raise RowRefused(f"{name} is longer than {most} characters")
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise RowRefused(f"{name} holds characters that are no text")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub(" ", text).strip()


def _header(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().strip("*:\ufeff ").casefold()


def _listed(header: Sequence[str]) -> str:
    return ", ".join(name for name in header if name.strip())[:500] or "none"
