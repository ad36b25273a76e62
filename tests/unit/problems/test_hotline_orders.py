"""Reading the hotline's exports: any file gives orders, reasons, or one clear line."""

import contextlib
import csv
import io
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.ids import SHANGHAI
from portal.problems.importing import orders, reading, times
from portal.problems.importing.orders import ColumnsMissing, Field, RowRefused
from portal.problems.importing.reading import BadRow, Unreadable

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HEAD = ["工单编号", "标题", "诉求内容", "来电时间", "办理期限", "答复内容", "答复时间"]


def read(cells, head=HEAD):
    return orders.order(2, cells, orders.columns(head, {}), NOW)


@pytest.mark.parametrize(
    ("written", "local"),
    [
        ("2019-04-25T09:32", "2019-04-25 09:32"),
        ("2019-04-25 09:32:05", "2019-04-25 09:32"),
        ("2019/4/25 9:32", "2019-04-25 09:32"),
        ("2019年4月25日 9时32分", "2019-04-25 09:32"),
        ("2019年4月25日9点", "2019-04-25 09:00"),
        ("20190425093200", "2019-04-25 09:32"),
        ("2019-04-25", "2019-04-25 00:00"),
        ("2019-04-25T01:32Z", "2019-04-25 09:32"),
        ("2019-04-25 09:32+0800", "2019-04-25 09:32"),
        (20190425.0, "2019-04-25 00:00"),
        (datetime.fromisoformat("2019-04-25T09:32"), "2019-04-25 09:32"),
    ],
)
def test_times_without_a_zone_are_of_shanghai(written, local):
    assert f"{times.read(written).astimezone(SHANGHAI):%Y-%m-%d %H:%M}" == local


def test_a_bare_day_as_a_deadline_means_its_end():
    due = times.read("2026-05-27", end_of_day=True)
    assert due.astimezone(SHANGHAI) == datetime(2026, 5, 28, tzinfo=SHANGHAI)


@given(
    st.datetimes(
        min_value=datetime.fromisoformat("1991-01-01"),
        max_value=datetime.fromisoformat("2099-12-31"),
    ),
    st.one_of(st.none(), st.integers(-12 * 60, 14 * 60)),
)
def test_every_moment_that_is_written_is_read_again(moment, minutes):
    moment = moment.replace(microsecond=0)
    zone = SHANGHAI if minutes is None else timezone(timedelta(minutes=minutes))
    text = moment.isoformat() if minutes is None else moment.replace(tzinfo=zone).isoformat()
    assert times.read(text) == moment.replace(tzinfo=zone).astimezone(UTC)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.booleans()))
def test_whatever_is_no_time_is_said_to_be_none(cell):
    with contextlib.suppress(times.NotATime):
        assert times.read(cell).tzinfo is UTC


@given(st.lists(st.one_of(st.text(), st.floats(), st.integers(), st.none()), max_size=9))
def test_a_row_becomes_an_order_or_a_reason(cells):
    try:
        found = read(cells)
    except RowRefused:
        return
    assert found.number
    assert found.body
    assert len(found.number) <= orders.MOST_NUMBER
    assert 0 < len(found.title) <= orders.MOST_TITLE
    assert "\0" not in found.title + found.body
    assert found.replied_at is None or found.replied_at >= found.submitted_at


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({0: ""}, "the number is empty"),
        ({0: "1" * 61}, "number is longer than 60 characters"),
        ({2: "  "}, "the text is empty"),
        ({2: "字" * 20_001}, "text is longer than 20000 characters"),
        ({2: "坏\0字"}, "text holds characters that are no text"),
        ({3: ""}, "submitted_at is empty"),
        ({3: "昨天"}, "submitted_at is no time: '昨天'"),
        ({3: "2026-06-02"}, "submitted_at lies in the future"),
        ({3: "2026-02-30"}, "submitted_at is no time: '2026-02-30'"),
        ({5: "好", 6: "2026-05-01"}, "replied_at lies before submitted_at"),
    ],
)
def test_a_bad_row_says_why(change, reason):
    cells = ["1", "题", "内容", "2026-05-20 08:00", "", "", ""]
    for place, value in change.items():
        cells[place] = value
    with pytest.raises(RowRefused, match=f"^{reason}"):
        read(cells)


def test_a_missing_title_is_the_first_sentence():
    assert read(["1", "", "井盖松了。孩子绕着走。", "2026-05-20", "", "", ""]).title == "井盖松了"


def test_a_number_from_a_workbook_loses_its_fraction():
    assert read([2549.0, "题", "内容", "2026-05-20", "", "", ""]).number == "2549"


def test_an_answer_without_a_time_is_still_an_answer():
    found = read(["1", "题", "内容", "2026-05-20", "", "已办", ""])
    assert found.is_answered
    assert found.replied_at is None


def test_other_columns_are_listed_and_ignored():
    found = orders.columns([*HEAD, "承办人", ""], {})
    assert found.ignored == ("承办人",)


def test_a_chosen_column_goes_before_a_known_one():
    found = orders.columns([*HEAD, "单号"], {"单号": Field.NUMBER})
    assert found.at[Field.NUMBER] == len(HEAD)
    assert "工单编号" in found.ignored


@pytest.mark.parametrize(
    ("head", "chosen", "says"),
    [
        (["标题"], {}, "No column holds external_no, body, submitted_at"),
        (HEAD, {"没有": Field.TITLE}, "There is no column 没有"),
        ([], {}, "Columns: none"),
    ],
)
def test_a_header_that_lacks_something_says_how_to_name_it(head, chosen, says):
    with pytest.raises(ColumnsMissing, match=says):
        orders.columns(head, chosen)


# --- files --------------------------------------------------------------------------------------


def file_of(tmp_path, data):
    path = tmp_path / "orders"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_encodings_and_separators_are_recognised(tmp_path, encoding, separator):
    data = f"编号{separator}内容\r\n1{separator}㐂路灯\r\n".encode(encoding)
    with closing(reading.open_table(file_of(tmp_path, data))) as table:
        assert table.header == ["编号", "内容"]
        assert list(table.rows) == [["1", "㐂路灯"]]


def test_a_huge_cell_is_one_bad_row(tmp_path):
    huge = "字" * (reading.MOST_CHARACTERS_A_CELL + 1)
    with closing(reading.open_table(file_of(tmp_path, f"a,b\n1,{huge}\n2,x\n".encode()))) as table:
        rows = list(table.rows)
    assert isinstance(rows[0], BadRow)
    assert rows[-1] == ["2", "x"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty"),
        ("编号,内容\n".encode("utf-16"), "UTF-16"),
        (b"\xff\xff\xff\xff,\x81\x20\n", "neither UTF-8 nor GB18030"),
        (b"PK\x03\x04 no zip at all", "damaged"),
        (b"\xd0\xcf\x11\xe0 no workbook", "can't be read"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(tmp_path, data, says):
    with pytest.raises(Unreadable, match=says) as caught:
        reading.open_table(file_of(tmp_path, data))
    assert "\n" not in str(caught.value)


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000)
    monkeypatch.setattr(reading, "MOST_UNPACKED_BYTES", 50_000)
    with pytest.raises(Unreadable, match="too large once unpacked"):
        reading.open_table(file_of(tmp_path, packed.getvalue()))


@given(st.binary(max_size=400))
def test_any_bytes_give_rows_or_one_line(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "f"
    path.write_bytes(data)
    try:
        table = reading.open_table(path)
    except Unreadable:
        return
    with closing(table):
        assert all(isinstance(row, list | BadRow) for row in table.rows)


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=20))
def test_what_a_csv_writer_wrote_is_read_again(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    clean = [
        [cell.encode("utf-8", "ignore").decode().replace("\r", "") for cell in r] for r in rows
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["编号", "内容"], *clean])
    with closing(reading.open_table(path)) as table:
        assert list(table.rows) == clean
