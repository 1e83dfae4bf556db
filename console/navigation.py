"""The menu: pages in groups, each shown to those who may open it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from ward.staff import Official, Permission


@dataclass(frozen=True)
class Entry:
    """`inside`: endpoints that belong to it, by prefix (to mark where one is)."""

    label: str
    endpoint: str
    permission: Permission
    inside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    label: str
    url: str
    current: bool


ENTRIES: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Công việc",
        (
            Entry("Hôm nay", "today.board", Permission.ACCOUNT),
            Entry("Phiếu", "queue.listing", Permission.CASES_READ, ("queue.", "case.", "act.", "answer.")),
            Entry("Câu chưa trả lời", "questions.listing", Permission.QUESTIONS, ("questions.", "drafting.")),
            Entry("Lịch lưu động", "visits.listing", Permission.VISITS, ("visits.",)),
            Entry("Phục vụ tại nhà", "home.listing", Permission.HOME, ("home.", "home_entry.")),
            Entry("Cà phê doanh nhân", "firms.listing", Permission.ISSUES, ("firms.", "meetings.")),
            Entry("Báo kết quả", "results.listing", Permission.RESULTS, ("results.",)),
            Entry(
                "Cần gọi",
                "call_list.listing",
                Permission.CALLS,
                ("call_list.", "calls.", "reminder_calls."),
            ),
            Entry("Xuất, nhập phiếu", "exchange.form", Permission.CASES_EXPORT, ("exchange.",)),
            Entry("Tin kín", "sealed.listing", Permission.RESTRICTED_READ, ("sealed.open", "sealed.hand")),
            Entry("Hẹn tiếp công dân", "sealed.appointments", Permission.RECEPTION, ("sealed.settle",)),
        ),
    ),
    (
        "Mô hình, lịch",
        (Entry("Mô hình", "programmes.listing", Permission.PROGRAMMES, ("programmes.",)),),
    ),
    (
        "Cơ sở y tế",
        (
            Entry("Cơ sở y tế", "facility.listing", Permission.FACILITIES, ("facility.",)),
            Entry("Tin cho cơ sở y tế", "health_news.listing", Permission.HEALTH_NEWS, ("health_news.",)),
        ),
    ),
    (
        "Quản lý",
        (
            Entry("Cán bộ và vai trò", "staff.listing", Permission.STAFF, ("staff.",)),
            Entry("Bật, tắt trợ lý", "settings.switch", Permission.BOT_SWITCH),
            Entry("Cài đặt của phường", "settings.form", Permission.SETTINGS, ("settings.save",)),
            Entry("Nhật ký", "audit.log", Permission.AUDIT),
        ),
    ),
    ("Của tôi", (Entry("Tài khoản", "account.mine", Permission.ACCOUNT, ("account.",)),)),
)


def menu(official: Official, endpoint: str) -> Sequence[tuple[str, list[Shown]]]:
    if official.must_change:
        return ()
    groups = [
        (title, [_shown(e, endpoint) for e in entries if official.may(e.permission)])
        for title, entries in ENTRIES
    ]
    return [(title, shown) for title, shown in groups if shown]


def _shown(entry: Entry, endpoint: str) -> Shown:
    current = endpoint == entry.endpoint or any(endpoint.startswith(prefix) for prefix in entry.inside)
    return Shown(entry.label, url_for(entry.endpoint), current)
