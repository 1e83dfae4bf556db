"""Questions the assistant could not answer: words for an entry, proposed by one, agreed by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from rapidfuzz import fuzz
from werkzeug.wrappers import Response

from console.access import official, page
from console.services import services
from knowledge.learning.candidates import Candidate, CandidateError
from knowledge.learning.rules import known_as
from knowledge.text import normalize
from ward import audit, entry_drafts
from ward.entry_drafts import DraftRefused
from ward.staff import Permission

blueprint = Blueprint("questions", __name__, url_prefix="/cau-chua-tra-loi")

LOOKED_AT: Final = 300
SHOWN: Final = 30
ALIKE: Final = 84.0
"""Wordings this close (0–100) are shown as one."""
FOUND_SHOWN: Final = 6


@dataclass(frozen=True)
class Group:
    """Similar wordings; the first is the most often asked."""

    head: Candidate
    others: tuple[Candidate, ...]

    @property
    def seen(self) -> int:
        return sum(one.seen for one in (self.head, *self.others))

    @property
    def ids(self) -> str:
        return " ".join(str(one.id) for one in (self.head, *self.others))


@blueprint.get("")
@page(Permission.QUESTIONS)
def listing() -> str:
    return _page()


@blueprint.post("/de-xuat")
@page(Permission.QUESTIONS)
def propose() -> str | tuple[str, int] | Response:
    """One person says which entry a question asks for, in better words if need be."""
    house, me, now = services(), official(), services().now()
    number, key = request.form.get("id", 0, type=int), request.form.get("key", "").strip()
    text = request.form.get("text", "").strip()
    if request.form.get("do") == "search":
        return _page(open_id=number, search=request.form.get("search", "").strip() or text, typed=text)
    library = house.library()
    try:
        if key not in library:
            raise CandidateError("chọn một thẻ trong danh sách tìm được")
        if owner := known_as(text, library):
            raise CandidateError(f"câu này đã là câu mẫu của thẻ “{library.label_of(owner)}”")
        house.candidates.propose(number, key, me.username, now, text)
    except CandidateError as error:
        return _page(_said(error), number, request.form.get("search", ""), text), 400
    _log("phrasing_proposed", number, key=key)
    flash("Đã đề xuất. Một cán bộ khác duyệt thì mới dùng.", "ok")
    return redirect(url_for("questions.listing"))


@blueprint.post("/bo")
@page(Permission.QUESTIONS)
def drop() -> tuple[str, int] | Response:
    """Not a question worth an answer: the whole group goes and is not offered again."""
    house, me = services(), official()
    numbers = [int(one) for one in request.form.get("ids", "").split() if one.isdigit()]
    try:
        for number in numbers:
            house.candidates.refuse(number, me.username, house.now())
            _log("phrasing_refused", number)
    except CandidateError as error:
        return _page(_said(error)), 400
    flash("Đã bỏ, không hiện lại nữa.", "ok")
    return redirect(url_for("questions.listing"))


@blueprint.post("/duyet")
@page(Permission.QUESTIONS_APPROVE)
def agree() -> tuple[str, int] | Response:
    """The second person."""
    house, me = services(), official()
    number = request.form.get("id", 0, type=int)
    try:
        if request.form.get("do") == "refuse":
            house.candidates.refuse(number, me.username, house.now())
            _log("phrasing_refused", number)
        else:
            agreed = house.candidates.second(number, me.username, house.now())
            _log("phrasing_approved", number, key=agreed.key)
    except CandidateError as error:
        return _page(_said(error)), 400
    flash("Đã ghi quyết định. Câu đã duyệt được đo thử rồi mới dùng.", "ok")
    return redirect(url_for("questions.listing"))


@blueprint.post("/nhap/<int:draft_id>")
@page(Permission.QUESTIONS_APPROVE)
def decide(draft_id: int) -> tuple[str, int] | Response:
    """A draft of an entry: approved by another than its maker, or refused."""
    house, me, now = services(), official(), services().now()
    state: Any = "approved" if request.form.get("do") == "approve" else "refused"
    note = request.form.get("note", "")
    try:
        with house.write() as connection:
            entry_drafts.decide(connection, house.oa_id, draft_id, me.id, state, note, now)
            action = f"draft_{state}"
            audit.record(connection, house.oa_id, me.id, action, f"draft/{draft_id}", now)
    except DraftRefused as error:
        return _page(str(error)), 400
    flash("Đã ghi quyết định.", "ok")
    return redirect(url_for("questions.listing"))


def _page(error: str = "", open_id: int = 0, search: str = "", typed: str = "") -> str:
    house, me = services(), official()
    library = house.library()
    groups = grouped(house.candidates.list("candidate")[:LOOKED_AT])
    with house.read() as connection:
        drafts = entry_drafts.listed(connection, house.oa_id, "proposed")
        approved = entry_drafts.listed(connection, house.oa_id, "approved", 20)
    found = [
        (one.key, entry.plain_name)
        for one in (library.search(search[:300], FOUND_SHOWN) if search else ())
        if (entry := library.entry(one.key)) is not None
    ]
    return render_template(
        "console/questions.html",
        error=error,
        groups=groups[:SHOWN],
        more=max(0, len(groups) - SHOWN),
        names=lambda key: library.label_of(key) or key,
        proposed=house.candidates.list("proposed"),
        drafts=drafts,
        approved=approved,
        open_id=open_id,
        search=search,
        typed=typed,
        found=found,
        may_approve=me.may(Permission.QUESTIONS_APPROVE),
    )


def grouped(found: Sequence[Candidate]) -> list[Group]:
    """Similar wordings together, in the order of the most asked."""
    heads: list[tuple[str, list[Candidate]]] = []
    for one in found:
        plain = normalize(one.text).plain
        near = next((group for head, group in heads if fuzz.token_set_ratio(head, plain) >= ALIKE), None)
        if near is None:
            heads.append((plain, [one]))
        else:
            near.append(one)
    groups = [Group(group[0], tuple(group[1:])) for _, group in heads]
    return sorted(groups, key=lambda group: -group.seen)


def _said(error: CandidateError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _log(action: str, number: int, **detail: Any) -> None:
    house = services()
    with house.write() as connection:
        subject = f"phrasing/{number}"
        audit.record(connection, house.oa_id, official().id, action, subject, house.now(), None, **detail)
