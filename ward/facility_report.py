"""The report on health facilities: how many are reached, what they ask, how long answers take."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any, Final

from sqlalchemy import Connection, func, select

from store.schema import cases, facilities, facility_people, form_downloads, health_news, health_news_sends
from ward.calendar import VIET_NAM, WorkCalendar
from ward.facilities import KINDS

NO_TOPIC: Final = "Chưa rõ thủ tục"


@dataclass(frozen=True)
class Figures:
    """Of the days from `first` to `last`. Times are working hours."""

    first: date
    last: date
    facilities: int
    by_kind: dict[str, int]
    reached: int
    with_news: int
    questions: int
    by_topic: dict[str, int]
    answered: int
    on_time: int
    median_hours: float | None
    unanswered: dict[str, int]
    downloads: dict[str, int]
    news_sent: int


def quarter(year: int, number: int) -> tuple[date, date]:
    """First and last day; number 0: of the whole year."""
    if number == 0:
        return date(year, 1, 1), date(year, 12, 31)
    begin = date(year, 3 * number - 2, 1)
    after = date(year + (number == 4), 1 if number == 4 else 3 * number + 1, 1)
    return begin, after - timedelta(days=1)


def figures(
    connection: Connection,
    oa_id: str,
    first: date,
    last: date,
    calendar: WorkCalendar,
    name_of: Callable[[str], str | None],
) -> Figures:
    start = datetime.combine(first, time(), VIET_NAM)
    end = datetime.combine(last + timedelta(days=1), time(), VIET_NAM)
    asked = _questions(connection, oa_id, start, end)
    hours = [
        calendar.working_hours_between(row.created_at, row.answered_at)
        for row in asked
        if row.answered_at is not None
    ]

    def topics(rows: list[Any]) -> dict[str, int]:
        named = (name_of(str(row.context.get("topic") or "")) or NO_TOPIC for row in rows)
        return dict(Counter(named).most_common())

    kinds = _by_kind(connection, oa_id, end)
    return Figures(
        first=first,
        last=last,
        facilities=sum(kinds.values()),
        by_kind=kinds,
        reached=_accounts(connection, oa_id, facility_people.c.joined_at < end),
        with_news=_accounts(connection, oa_id, facility_people.c.news_consent.is_not(None)),
        questions=len(asked),
        by_topic=topics(asked),
        answered=len(hours),
        on_time=sum(row.answered_at is not None and row.answered_at <= row.due_at for row in asked),
        median_hours=round(median(hours), 1) if hours else None,
        unanswered=topics([row for row in asked if row.answered_at is None]),
        downloads=_downloads(connection, oa_id, first, last),
        news_sent=_news(connection, oa_id, start, end),
    )


def _questions(connection: Connection, oa_id: str, start: datetime, end: datetime) -> list[Any]:
    """Those a registered facility asked, and were not taken back."""
    query = select(cases.c.created_at, cases.c.answered_at, cases.c.due_at, cases.c.context).where(
        cases.c.oa_id == oa_id,
        cases.c.kind == "question",
        cases.c.field == "y_te",
        cases.c.state != "withdrawn",
        cases.c.created_at >= start,
        cases.c.created_at < end,
    )
    return [row for row in connection.execute(query) if "facility_id" in row.context]


def _by_kind(connection: Connection, oa_id: str, end: datetime) -> dict[str, int]:
    query = (
        select(facilities.c.kind, func.count().label("number"))
        .where(facilities.c.oa_id == oa_id, facilities.c.active, facilities.c.created_at < end)
        .group_by(facilities.c.kind)
    )
    found = {row.kind: row.number for row in connection.execute(query)}
    return {title: found[kind] for kind, title in KINDS.items() if kind in found}


def _accounts(connection: Connection, oa_id: str, which: Any) -> int:
    """Facilities with at least one confirmed account of this sort."""
    mine = (facility_people.c.oa_id == oa_id, facility_people.c.state == "confirmed", which)
    query = select(func.count(func.distinct(facility_people.c.facility_id))).where(*mine)
    number: int = connection.execute(query).scalar_one()
    return number


def _downloads(connection: Connection, oa_id: str, first: date, last: date) -> dict[str, int]:
    days = (form_downloads.c.day >= first, form_downloads.c.day <= last)
    query = select(form_downloads.c.form, func.sum(form_downloads.c.count)).where(
        form_downloads.c.oa_id == oa_id, *days
    )
    return {form: int(number) for form, number in connection.execute(query.group_by(form_downloads.c.form))}


def _news(connection: Connection, oa_id: str, start: datetime, end: datetime) -> int:
    query = (
        select(func.count())
        .select_from(health_news_sends)
        .join(health_news, health_news.c.id == health_news_sends.c.news_id)
        .where(
            health_news_sends.c.oa_id == oa_id,
            health_news.c.decided_at >= start,
            health_news.c.decided_at < end,
        )
    )
    number: int = connection.execute(query).scalar_one()
    return number


def rows(told: Figures) -> list[tuple[str, str | int | float]]:
    """Every figure with its words, in the order of the page and the file."""
    share = "chưa có" if not told.answered else round(100 * told.on_time / told.answered, 1)
    middle: str | float = "chưa có" if told.median_hours is None else told.median_hours
    return [
        ("Cơ sở trong danh sách", told.facilities),
        *((f"Loại hình: {kind}", number) for kind, number in told.by_kind.items()),
        ("Cơ sở có tài khoản Zalo đã xác nhận", told.reached),
        ("Cơ sở đồng ý nhận tin", told.with_news),
        ("Lượt gửi tin quy định mới", told.news_sent),
        ("Câu hỏi trong kỳ", told.questions),
        *((f"Câu hỏi về: {topic}", number) for topic, number in told.by_topic.items()),
        ("Đã trả lời", told.answered),
        ("Trả lời đúng hạn (%)", share),
        ("Thời gian trả lời, trung vị (giờ làm việc)", middle),
        *((f"Chưa trả lời: {topic}", number) for topic, number in told.unanswered.items()),
        *((f"Lượt tải mẫu: {form}", number) for form, number in told.downloads.items()),
    ]


def xlsx(told: Figures, ward: str) -> bytes:
    """A workbook with one sheet; words are never read as formulas."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = "Cơ sở y tế"
    sheet.append([f"{ward} – cơ sở y tế tư nhân"])
    sheet.append([f"Từ {told.first:%d/%m/%Y} đến {told.last:%d/%m/%Y}"])
    sheet.append([])
    sheet.append(["Chỉ tiêu", "Số liệu"])
    for words, number in rows(told):
        sheet.append([words, number])
    for line in sheet.iter_rows():
        for cell in line:
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type
    sheet["A1"].font = sheet["A4"].font = sheet["B4"].font = Font(bold=True)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 62, 16
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
