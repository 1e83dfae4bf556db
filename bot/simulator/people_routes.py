"""Acting as a person (or as staff in Zalo's own app): /api/people/…"""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, Response, abort, jsonify, request
from pydantic import BaseModel, ConfigDict, Field

from bot.simulator.api_routes import Answer, json_object, shown_person
from bot.simulator.chat import Draft, attachment
from bot.simulator.sending import file_attachment, file_content
from bot.simulator.settings import SIM_ADMIN_ID
from bot.simulator.store import Row
from bot.simulator.uploads import SHOWN_INLINE, Upload, link, picture_type
from bot.simulator.web import base_url, state, uploaded

MAX_FILE = 20 * 1024 * 1024
SAMPLE_AUDIO = b"#!AMR\n" + b"\x04" * 32
Words = Annotated[str, Field(min_length=1, max_length=10_000)]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewPerson(Form):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    id: Annotated[str, Field(pattern=r"^\d{5,25}$")] | None = None


class PersonChange(Form):
    hours_silent: float = Field(ge=0)


class TextForm(Form):
    text: Words
    quote: str | None = None


class TapForm(Form):
    msg_id: str
    index: int = Field(ge=0)


class PlaceForm(Form):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class StickerForm(Form):
    id: Annotated[str, Field(pattern=r"^\w{1,40}$")] = "20477"


class StaffForm(Form):
    text: Words
    admin_id: str = SIM_ADMIN_ID


class FollowForm(Form):
    source: str = "oa_profile"


class ReactForm(Form):
    msg_id: str
    icon: str = "/-heart"


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/api/people", view_func=people)
    blueprint.add_url_rule("/api/people", view_func=add_person, methods=["POST"])
    blueprint.add_url_rule("/api/people/<user_id>", view_func=change_person, methods=["PATCH"])
    blueprint.add_url_rule("/api/people/<user_id>/messages", view_func=messages)
    posts = (
        text, tap, image, file, audio, place, sticker, info,
        follow, unfollow, chatnow, withdraw, seen, react, staff,
    )  # fmt: skip
    for view in posts:
        name = "location" if view is place else view.__name__
        blueprint.add_url_rule(
            f"/api/people/<user_id>/{name}", endpoint=f"person_{name}", view_func=view, methods=["POST"]
        )


# -- people -------------------------------------------------------------------------------------


def people() -> Answer:
    return jsonify({"people": [shown_person(row) for row in state().people.all()]})


def add_person() -> Answer:
    form = NewPerson.model_validate(json_object())
    if form.id is not None and state().people.find(form.id) is not None:
        return jsonify({"error": "id: exists"}), 409
    return jsonify(shown_person(state().people.add(form.name, form.id))), 201


def change_person(user_id: str) -> Answer:
    person = _person(user_id)
    state().people.be_silent_for(person["id"], PersonChange.model_validate(json_object()).hours_silent)
    return jsonify(shown_person(_person(user_id)))


def messages(user_id: str) -> Answer:
    after = request.args.get("after", 0, type=int)
    rows = state().chat.after(after, _person(user_id)["id"])
    return jsonify({"messages": rows, "last": rows[-1]["seq"] if rows else after})


def _person(user_id: str) -> Row:
    found = state().people.find(user_id)
    if found is None:
        abort(_refusal("person: unknown", 404))
    return found


def _refusal(error: str, status: int = 400) -> Response:
    response = jsonify({"error": error})
    response.status_code = status
    return response


def _says(user_id: str, draft: Draft) -> Answer:
    return jsonify(state().chat.from_person(_person(user_id)["id"], draft)), 201


# -- what a person sends ------------------------------------------------------------------------


def text(user_id: str) -> Answer:
    form = TextForm.model_validate(json_object())
    return _says(user_id, Draft("text", form.text, quote=form.quote))


def tap(user_id: str) -> Answer:
    """Tap a button of a message of the OA: a query comes back as the person's text, the rest just opens."""
    form = TapForm.model_validate(json_object())
    found = state().chat.by_msg_id(_person(user_id)["id"], form.msg_id)
    buttons = found["content"].get("buttons", []) if found else []
    if form.index >= len(buttons):
        return _refusal("button: unknown", 404)
    button = buttons[form.index]
    if not button["type"].startswith("oa.query."):
        return jsonify({"opens": button["payload"]})
    return _says(user_id, Draft("text", button["payload"], hidden=button["type"] == "oa.query.hide"))


def image(user_id: str) -> Answer:
    upload = _upload()
    mime = picture_type(upload.data)
    if mime not in SHOWN_INLINE:
        return _refusal("file: not a picture")
    kind = "gif" if mime == "image/gif" else "image"
    kept = state().files.keep(f"person-{kind}", upload, mime)
    url = base_url() + link(kept)
    caption = request.form.get("text", "")
    shown = {"url": link(kept), "name": kept["name"]}
    return _says(user_id, Draft(kind, caption, shown, (attachment(kind, thumbnail=url, url=url),)))


def file(user_id: str) -> Answer:
    kept = state().files.keep("person-file", _upload(), "application/octet-stream")
    return _says(user_id, Draft("file", "", file_content(kept), (file_attachment(kept, base_url()),)))


def audio(user_id: str) -> Answer:
    """A voice message; without a file a silent sample is sent."""
    upload = uploaded() or Upload("ghi-am.amr", SAMPLE_AUDIO)
    kept = state().files.keep("person-audio", upload, "audio/amr")
    sound = attachment("audio", url=base_url() + link(kept))
    return _says(user_id, Draft("audio", "", file_content(kept), (sound,)))


def place(user_id: str) -> Answer:
    form = PlaceForm.model_validate(json_object())
    shown = {"latitude": str(form.latitude), "longitude": str(form.longitude)}
    return _says(user_id, Draft("location", "", shown, (attachment("location", coordinates=shown),)))


def sticker(user_id: str) -> Answer:
    form = StickerForm.model_validate(json_object())
    url = f"https://zalo-api.zadn.vn/api/emoticon/sticker/webpc?eid={form.id}"
    sent = attachment("sticker", id=form.id, url=url)
    return _says(user_id, Draft("sticker", "", {"id": form.id}, (sent,)))


def info(user_id: str) -> Answer:
    state().chat.submit_info(_person(user_id)["id"], json_object())
    return jsonify({"ok": True}), 201


def _upload() -> Upload:
    upload = uploaded()
    if upload is None or not upload.data:
        abort(_refusal("file: missing"))
    if len(upload.data) > MAX_FILE:
        abort(_refusal("file: too large", 413))
    return upload


# -- what a person does -------------------------------------------------------------------------


def follow(user_id: str) -> Answer:
    return _change_following(user_id, "follow")


def unfollow(user_id: str) -> Answer:
    return _change_following(user_id, "unfollow")


def _change_following(user_id: str, event_name: str) -> Answer:
    zalo, person = state(), _person(user_id)
    source = FollowForm.model_validate(json_object()).source
    change = zalo.people.follow if event_name == "follow" else zalo.people.unfollow
    with zalo.store.transaction():
        change(person["id"])
        zalo.chat.emit_management(person["id"], event_name, follower={"id": person["id"]}, source=source)
    return jsonify(shown_person(_person(user_id)))


def chatnow(user_id: str) -> Answer:
    """The person presses "Nhắn tin"; this is an interaction too."""
    zalo, person = state(), _person(user_id)
    with zalo.store.transaction():
        zalo.people.interacted(person["id"])
        zalo.chat.emit_management(person["id"], "user_click_chatnow", user_id=person["id"])
    return jsonify(shown_person(_person(user_id)))


def withdraw(user_id: str) -> Answer:
    person = _person(user_id)
    state().chat.emit_management(person["id"], "user_withdraw", user_id=person["id"])
    return jsonify({"ok": True})


def seen(user_id: str) -> Answer:
    """The person has looked at the OA's latest messages."""
    person = _person(user_id)
    rows: list[dict[str, Any]] = state().chat.latest(person["id"], 0, 10)
    ids = [row["msg_id"] for row in rows if row["direction"] == "out"]
    if ids:
        state().chat.receipt(person["id"], "user_seen_message", {"msg_ids": ids})
    return jsonify({"ok": True, "msg_ids": ids})


def react(user_id: str) -> Answer:
    form = ReactForm.model_validate(json_object())
    if state().chat.by_msg_id(_person(user_id)["id"], form.msg_id) is None:
        return _refusal("message: unknown", 404)
    state().chat.react(user_id, form.msg_id, form.icon, "in")
    return jsonify({"ok": True})


def staff(user_id: str) -> Answer:
    """An official answers in Zalo's own app; the echo carries sender.admin_id."""
    form = StaffForm.model_validate(json_object())
    person = _person(user_id)
    return jsonify(state().chat.from_oa(person["id"], Draft("text", form.text), "staff", form.admin_id)), 201
