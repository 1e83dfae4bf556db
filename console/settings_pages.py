"""The ward's settings and the assistant's switch: each change with a reason, each in the log."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.access import official, page
from console.services import services
from ward import audit, settings
from ward.staff import Permission

blueprint = Blueprint("settings", __name__)
SWITCH = ("bot_on", "bot_off_words")
HISTORY = 20


@blueprint.get("/cai-dat")
@page(Permission.SETTINGS)
def form() -> str:
    return _form({})


@blueprint.post("/cai-dat")
@page(Permission.SETTINGS)
def save() -> tuple[str, int] | Response:
    typed = request.form.to_dict()
    try:
        changed = _change(settings.read_form(typed), typed.get("reason", ""))
    except settings.SettingRefused as error:
        return _form(typed, str(error)), 400
    names = ", ".join(settings.TITLES.get(name, name) for name in changed)
    flash(f"Đã lưu: {names}." if changed else "Không có gì thay đổi.", "ok")
    return redirect(url_for("settings.form"))


def _form(typed: dict[str, str], error: str = "") -> str:
    house = services()
    with house.read() as connection:
        now = settings.load(connection, house.oa_id)
        history = _history(settings.NAMES)
    groups: dict[str, list[tuple[str, settings.Shown, str]]] = {}
    for name, shown in settings.FORM.items():
        value = typed.get(name, settings.write_form(name, getattr(now, name)))
        groups.setdefault(shown.group, []).append((name, shown, value))
    return render_template(
        "console/settings.html",
        groups=groups,
        limits=settings.limit_rows(now),
        typed=typed,
        history=history,
        error=error,
        answer_hours=house.profile.answer_hours,
    )


@blueprint.get("/tro-ly")
@page(Permission.BOT_SWITCH)
def switch() -> str:
    return _switch({})


@blueprint.post("/tro-ly")
@page(Permission.BOT_SWITCH)
def turn() -> tuple[str, int] | Response:
    typed = request.form.to_dict()
    values = {"bot_on": typed.get("bot_on") == "on", "bot_off_words": typed.get("bot_off_words", "")}
    try:
        changed = _change(values, typed.get("reason", ""))
    except settings.SettingRefused as error:
        return _switch(typed, str(error)), 400
    if "bot_on" in changed:
        words = "Đã bật trợ lý." if values["bot_on"] else "Đã tạm dừng trợ lý."
    else:
        words = "Đã lưu." if changed else "Không có gì thay đổi."
    flash(words, "ok")
    return redirect(url_for("settings.switch"))


def _switch(typed: dict[str, str], error: str = "") -> str:
    house = services()
    with house.read() as connection:
        now = settings.load(connection, house.oa_id)
    usual = house.words.say("off.words", phone=house.profile.hotline)
    return render_template(
        "console/switch.html", now=now, typed=typed, error=error, usual=usual, history=_history(SWITCH)
    )


def _change(values: dict[str, object], reason: str) -> tuple[str, ...]:
    house = services()
    with house.write() as connection:
        return settings.change(connection, house.oa_id, official().id, values, reason, house.now())


def _history(names: tuple[str, ...]) -> list[audit.Line]:
    house = services()
    with house.read() as connection:
        chosen = audit.Filter(actions=("setting_changed",))
        lines = audit.lines(connection, house.oa_id, chosen, limit=200)
    return [line for line in lines if line.subject in names][:HISTORY]
