"""A citizen's wish to have their data erased, carried out by an official."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from store.engine import read_tx, write_tx
from store.schema import cases, turns
from tests.bot.support import OA
from tests.console.office import Office, words
from ward.cases.work import Case


def wish(office: Office, right: str = "erase") -> Case:
    return office.open("data_right", question="xóa dữ liệu của tôi", context={"right": right})


def said_before(office: Office) -> None:
    row: dict[str, Any] = {"oa_id": OA, "person_id": "p1", "at": office.clock(), "text": "Tôi tên Mận"}
    with write_tx(office.engine) as connection:
        connection.execute(
            insert(turns).values(
                **row, event_id=1, normalized="man", outcome="answered", candidates=[], milliseconds=1.0
            )
        )


def test_erased_told_and_written_down(small_office: Office) -> None:
    office = small_office
    said_before(office)
    case = wish(office)
    assert "Xóa dữ liệu của người này" not in office.page("motcua", case)
    office.do("motcua", case, "nhan")
    assert "Xóa dữ liệu của người này" in office.page("motcua", case)
    assert office.do("motcua", case, "xoa-du-lieu", sure="1").status_code == 302
    (said,) = office.sent()
    assert "hường xóa tin nhắn" in said["text"]
    with read_tx(office.engine) as connection:
        assert connection.execute(select(turns.c.text)).scalar_one() is None
    assert office.case(case.code).state == "sending"
    assert ("person_erased", case.code) in office.log()
    assert "Xóa dữ liệu của người này" not in office.page("motcua", case)


def test_not_without_a_tick_nor_by_another_nor_for_another_wish(small_office: Office) -> None:
    office = small_office
    said_before(office)
    case, stop, question = wish(office), wish(office, "stop"), office.open()
    for one in (case, stop, question):
        office.do("motcua", one, "nhan")
    unsure = office.do("motcua", case, "xoa-du-lieu")
    assert unsure.status_code == 400
    assert "Đánh dấu ô xác nhận" in words(unsure)
    assert office.do("hanh", case, "xoa-du-lieu", sure="1").status_code in (400, 404)
    for other in (stop, question):
        assert office.do("motcua", other, "xoa-du-lieu", sure="1").status_code == 400
    with read_tx(office.engine) as connection:
        assert connection.execute(select(turns.c.text)).scalar_one() == "Tôi tên Mận"
        assert set(connection.execute(select(cases.c.state)).scalars()) == {"assigned"}
    assert office.sent() == []
