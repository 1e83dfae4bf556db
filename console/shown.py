"""How values are written on pages (Jinja filters)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask

from knowledge.schema import FIELDS
from ward.calendar import WEEKDAY_NAMES, local
from ward.cases.model import CHANNELS, RATINGS
from ward.settings import LIMITS, TITLES
from ward.staff import ROLES


def moment(value: datetime | None) -> str:
    """28/11/2026 09:05"""
    return "" if value is None else f"{local(value):%d/%m/%Y %H:%M}"


def day(value: datetime) -> str:
    """thứ Bảy, 28/11/2026"""
    here = local(value)
    return f"{WEEKDAY_NAMES[here.weekday()]}, {here:%d/%m/%Y}"


def clock(value: datetime) -> str:
    """07:30"""
    return f"{local(value):%H:%M}"


def iso(value: datetime) -> str:
    return local(value).isoformat(timespec="minutes")


_ROLE_NAMES: dict[str, str] = {str(role): name for role, name in ROLES.items()}


def role_name(role: str) -> str:
    return _ROLE_NAMES.get(role, role)


def field_name(field: str) -> str:
    return FIELDS.get(field, field)


def capitalize_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def tel(number: str) -> str:
    """A number as a tel: link takes it."""
    return "".join(sign for sign in number if sign.isdigit() or sign == "+")


def said(value: Any) -> str:
    """A setting's value, from the log."""
    if value is None or value == "" or value == [] or value == {}:
        return "mặc định"
    if isinstance(value, bool):
        return "bật" if value else "tắt"
    if isinstance(value, list):
        return ", ".join(_named(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{_limit_title(key)} {_limit_words(limit)}" for key, limit in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _named(item: Any) -> str:
    return str(item["name"]) if isinstance(item, Mapping) and "name" in item else said(item)


def _limit_title(key: str) -> str:
    return LIMITS[key][0] if key in LIMITS else key


def _limit_words(limit: Any) -> str:
    if not isinstance(limit, Mapping) or not {"days", "hours"} & set(limit):
        return said(limit)
    days, hours = limit.get("days"), limit.get("hours")
    return f"{days} ngày" if days is not None else f"{hours:g} giờ"


def install(app: Flask) -> None:
    for filter_ in (moment, day, clock, iso, role_name, field_name, capitalize_first, tel, said):
        app.add_template_filter(filter_)
    app.jinja_env.globals |= {"titles": TITLES, "channels": CHANNELS, "ratings": RATINGS}
