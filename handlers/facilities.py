"""The desk of private health facilities: sign-up in a few steps, the health officer, forms (dialogue 4).

Nothing of a facility is kept before it agreed; what it said waits sealed, for a day. Words that look like a
patient's are kept nowhere.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.facilitywork import FacilityDraft, Joined
from bot.replies import Button, Reply, Result, Ticket, Turn
from handlers.memory import Memory
from handlers.reading import intent, said
from handlers.services import Services
from handlers.tokens import Token, read_token, token
from handlers.wording import day_text
from knowledge.privacy import NAMED, NUMBERED
from knowledge.syllables import plain as bare
from ward.calendar import say_by_when
from ward.facilities import KINDS
from ward.facility_files import kind_said
from ward.forms import Form
from ward.khom import khom_named

STEP = "facility"
PASSES = ("menu", "cancel", "back", "privacy", "human", "goodbye")
ASKED_KINDS = ("phong_kham_chuyen_khoa", "nha_khoa", "nha_thuoc", "tham_my")
MOST_FORMS = 3
_ASKS = re.compile(r"\b(hoi|gap|nhan|gui) (cau hoi (cho |toi )?)?(can bo|ben|nguoi) (phu trach )?y te\b")
_SIGNS_UP = re.compile(
    r"\b(dang ky|khai bao|ghi ten) (tai khoan |thong tin )?co so (y te|kham|hanh nghe)\b"
    r"|\b(toi|em|minh|ben em|ben minh|day) la co so y te\b"
)
_LEAVES = re.compile(r"^(xoa|bo|huy) (thong tin )?(tai khoan )?co so( y te)?( nay| cua toi| cua minh)?$")
_FORM = re.compile(
    r"\b(tai|xin|gui|lay|cho) (gium |giup |em |minh |cai |to )*(mau|bieu mau|don mau|mau don)\b"
)
_PATIENT = re.compile(r"\b(benh\s+nhan|nguoi benh|ca benh|thai phu|san phu|benh an|bn (nam|nu|ten|la))\b")
_ILLNESS = re.compile(
    r"\b(chan doan|duong tinh|am tinh|hiv|ung thu|tieu duong|huyet ap|mang thai \w+ (tuan|thang)|nhap vien"
    r"|ket qua (xet nghiem|sieu am|chup)|toa thuoc cua|\d{1,3} tuoi"
    r"|sinh nam \d{4}|bi (benh|viem|dau|sot|gay))\b"
)
_INSURED = re.compile(r"\b[A-Z]{2}\d[ .-]?\d{2}[ .-]?\d{10}\b")
_SENTENCE = re.compile(r"(?<!\bBS)(?<!\bDS)(?<!\bTS)(?<!\bPK)[.;!?]\s+|\n+", re.IGNORECASE)
_OPENING = re.compile(r"^(dạ|thưa|em là|tôi là|mình là|bên em là|cơ sở|tên)\s*[:,]?\s+", re.IGNORECASE)
_QUESTION = re.compile(r"\?\s*$|\b(không|sao|gì|đâu|nào|bao lâu|bao nhiêu)( ạ| vậy| em)?\s*$", re.IGNORECASE)


def handle(turn: Turn, services: Services) -> Result | None:
    memory = Memory.of(turn.state)
    inside = memory.step is not None and memory.step.name == STEP
    if (warned := _of_a_patient(turn, services, inside)) is not None:
        return warned
    pressed = read_token(turn.text)
    if pressed is not None:
        return _pressed(pressed, turn, services) if pressed.name == "facility" else None
    if intent(turn, services) == "stop" and services.desk.facility_news(turn, yes=False):
        return _told(turn, services, "facility.stopped")
    if inside and memory.step is not None and intent(turn, services) not in PASSES and turn.text.strip():
        return _answered(memory.step.data, turn, services)
    return _asked_for(turn, services)


def looks_like_a_patient(text: str) -> bool:
    """Words of one patient: somebody named, numbered or aged beside an illness or "bệnh nhân"."""
    if _INSURED.search(text):
        return True
    plain = bare(text.casefold())
    someone = bool(NAMED.search(text) or NUMBERED.search(text))
    return bool(_PATIENT.search(plain)) and (someone or bool(_ILLNESS.search(plain)))


def _of_a_patient(turn: Turn, services: Services, inside: bool) -> Result | None:
    if not looks_like_a_patient(turn.text):
        return None
    if not inside and services.desk.facility(turn) is None:
        return None
    memory = Memory.of(turn.state)
    after = memory if inside else memory.settled()
    reply = services.reply("facility.patient", "menu")
    return Result("privacy", (reply,), after.as_state(), restricted=True)


def _asked_for(turn: Turn, services: Services) -> Result | None:
    plain = said(turn.text).plain
    if _LEAVES.match(plain):
        return _leave(turn, services)
    if _SIGNS_UP.search(plain):
        return _begin(turn, services, "facility.tell_plain")
    if _ASKS.search(plain):
        return _begin(turn, services)
    memory = Memory.of(turn.state)
    if memory.key:
        return _forms(turn, services, memory.key) if _FORM.search(plain) else None
    if not _FORM.fullmatch(plain):
        return None
    return Result("clarify", (services.reply("facility.which_form", "menu"),), _settled(turn))


def _pressed(pressed: Token, turn: Turn, services: Services) -> Result | None:
    if pressed.facet == "ask":
        return _begin(turn, services)
    if pressed.facet == "form":
        return _forms(turn, services, pressed.key)
    if pressed.facet in ("news_yes", "news_no"):
        return _news(turn, services, pressed.facet == "news_yes")
    draft = services.desk.facility_draft(turn)
    if draft is None:
        return _begin(turn, services)
    if pressed.facet == "kind" and pressed.key in KINDS:
        return _agree(turn, services, draft.model_copy(update={"kind": pressed.key}))
    return _decided(turn, services, draft, pressed.facet == "keep")


def _begin(turn: Turn, services: Services, key: str = "facility.tell") -> Result:
    mine = services.desk.facility(turn)
    if mine is not None:
        return _waiting(turn, services.reply("facility.question", "menu", name=mine.name), "question")
    return _waiting(turn, services.reply(key, "menu"), "tell")


def _answered(asked: str, turn: Turn, services: Services) -> Result | None:
    plain = said(turn.text).plain
    if asked == "question":
        return _to_officer(turn, services, turn.text)
    if asked == "news":
        return _news(turn, services, plain in YES) if plain in YES | NO else None
    draft = services.desk.facility_draft(turn) or FacilityDraft()
    if asked == "agree":
        return _decided(turn, services, draft, plain in YES) if plain in YES | NO else None
    if asked == "kind":
        kind = kind_said(turn.text) or "khac"
        return _agree(turn, services, draft.model_copy(update={"kind": kind}))
    return _heard(turn, services, draft)


YES = frozenset({"co", "da co", "dong y", "dong y luu", "ok", "oke", "duoc", "u", "da", "da duoc", "muon"})
NO = frozenset({"khong", "da khong", "khong luu", "khoi", "thoi", "khong can", "ko", "k", "khong dong y"})


def _heard(turn: Turn, services: Services, draft: FacilityDraft) -> Result:
    """The name, the type and perhaps the question, as told in one message."""
    name, kind, question = read_facility(turn.text)
    question = question or draft.question
    if not name and not draft.asked_again:
        kept = FacilityDraft(question=question, asked_again=True)
        services.desk.keep_facility_draft(turn, kept)
        return _waiting(turn, services.reply("facility.tell_again", "menu"), "tell")
    if not name:
        services.desk.keep_facility_draft(turn, None)
        return _to_officer(turn, services, question or turn.text)
    khom = khom_named(turn.text, services.profile)
    heard = FacilityDraft(name=name, kind=kind or "", khom=khom, question=question)
    return _agree(turn, services, heard) if kind else _ask_kind(turn, services, heard)


def read_facility(text: str) -> tuple[str, str | None, str]:
    """Name, type and question: "Nha khoa Ánh Dương, phòng khám RHM. Dời chỗ thì sao?"."""
    first, *rest = [part.strip() for part in _SENTENCE.split(text.strip(), maxsplit=1)]
    name = _OPENING.sub("", first.split(",")[0].strip(" .,:-"))
    kind = kind_said(first)
    alone = not rest and "," not in first and bool(_QUESTION.search(text))
    if alone or len(name) < 3 or len(name) > 100:
        return "", None, text.strip()
    return name, kind, rest[0] if rest else ""


def _ask_kind(turn: Turn, services: Services, draft: FacilityDraft) -> Result:
    services.desk.keep_facility_draft(turn, draft)
    buttons = tuple(
        Button(title=KINDS[kind][:20], payload=token("facility", "kind", kind)) for kind in ASKED_KINDS
    )
    reply = services.reply("facility.kind", name=draft.name).model_copy(update={"buttons": buttons})
    return _waiting(turn, reply, "kind")


def _agree(turn: Turn, services: Services, draft: FacilityDraft) -> Result:
    mine = services.desk.facility(turn)
    services.desk.keep_facility_draft(turn, draft)
    if mine is not None:
        return _decided(turn, services, draft, agreed=True)
    reply = services.reply("facility.agree", name=draft.name, kind=KINDS[draft.kind])
    buttons = (_button(services, "agree_keep", "keep"), _button(services, "not_keep", "drop"))
    return _waiting(turn, reply.model_copy(update={"buttons": buttons}), "agree")


def _decided(turn: Turn, services: Services, draft: FacilityDraft, agreed: bool) -> Result:
    """Kept or not, the question goes to the officer; who is new is asked about news."""
    services.desk.keep_facility_draft(turn, None)
    joined: Joined | None = services.desk.sign_up_facility(turn, draft) if agreed and draft.name else None
    told = _joined_words(services, turn, draft, joined)
    if draft.question:
        ticket = services.desk.ask_health(turn, draft.question, Memory.of(turn.state).key)
        told = [_promise(ticket, turn, services), *told]
    if joined not in ("confirmed", "asked"):
        reply = Reply(text="\n".join(told), buttons=(services.button("menu"),))
        return Result("human" if draft.question else "privacy", (reply,), _settled(turn))
    told.append(services.phrases.say("facility.news"))
    buttons = (_button(services, "news_yes", "news_yes"), _button(services, "news_no", "news_no"))
    result = _waiting(turn, Reply(text="\n".join(told), buttons=buttons), "news")
    return replace(result, outcome="human" if draft.question else "privacy")


def _joined_words(services: Services, turn: Turn, draft: FacilityDraft, joined: Joined | None) -> list[str]:
    if joined == "asked":
        return [services.phrases.say("facility.waits", name=draft.name)]
    if joined == "elsewhere":
        mine = services.desk.facility(turn)
        return [services.phrases.say("facility.elsewhere", name=mine.name if mine else draft.name)]
    if joined is None:
        return [services.phrases.say("facility.not_kept")]
    return [] if draft.question else [services.phrases.say("facility.kept", name=draft.name)]


def _to_officer(turn: Turn, services: Services, question: str) -> Result:
    ticket = services.desk.ask_health(turn, question, Memory.of(turn.state).key)
    reply = Reply(text=_promise(ticket, turn, services), buttons=(services.button("menu"),))
    return Result("human", (reply,), _settled(turn))


def _promise(ticket: Ticket, turn: Turn, services: Services) -> str:
    when = say_by_when(ticket.due_at, turn.at)
    return services.phrases.say("facility.asked", code=ticket.code, when=when)


def _news(turn: Turn, services: Services, yes: bool) -> Result:
    services.desk.facility_news(turn, yes)
    return _told(turn, services, "facility.news_yes" if yes else "facility.news_no")


def _leave(turn: Turn, services: Services) -> Result:
    left = services.desk.leave_facility(turn)
    services.desk.keep_facility_draft(turn, None)
    return _told(turn, services, "facility.left" if left else "facility.nothing_to_leave")


def _forms(turn: Turn, services: Services, key: str) -> Result | None:
    """The forms of a procedure as files or links; who asks for a health form that is not there is told so."""
    entry = services.library.entry(key)
    found = services.forms.of(key)[:MOST_FORMS]
    if entry is None or (not found and entry.field != "y_te"):
        return None
    memory = Memory.of(turn.state)
    after = replace(memory.settled(), key=key).as_state()
    if not found:
        reply = services.reply("facility.no_form", "menu", name=entry.plain_name)
        reply = reply.model_copy(update={"buttons": (_ask_button(services), *reply.buttons)})
        return Result("answered", (reply,), after, keys=(key,), facet="bieu_mau")
    for form in found:
        services.desk.form_sent(turn, form.key)
    replies = tuple(_form_reply(form, services) for form in found)
    return Result("answered", replies, after, keys=(key,), facet="bieu_mau")


def _form_reply(form: Form, services: Services) -> Reply:
    text = services.phrases.say(
        "facility.form", title=form.title, version=form.version, day=day_text(form.date)
    )
    if form.path:
        return Reply(text=text, file=form.path, buttons=(services.button("menu"),))
    title = services.phrases.say("buttons.form_link")
    return Reply(text=text, buttons=(Button(title=title, kind="url", payload=form.link or ""),))


def buttons_after(key: str, services: Services) -> tuple[Button, ...]:
    """Under the end of the smart question for facilities."""
    title = services.phrases.say("buttons.form_file")
    return Button(title=title, payload=token("facility", "form", key)), _ask_button(services)


def _ask_button(services: Services) -> Button:
    return _button(services, "ask_health", "ask")


def _button(services: Services, name: str, does: str) -> Button:
    return Button(title=services.phrases.say(f"buttons.{name}"), payload=token("facility", does))


def _told(turn: Turn, services: Services, key: str) -> Result:
    return Result("privacy", (services.reply(key, "menu"),), _settled(turn))


def _waiting(turn: Turn, reply: Reply, asked: str) -> Result:
    memory = Memory.of(turn.state)
    waiting = replace(memory.waiting(STEP, asked), key=memory.key, facet=memory.facet)
    return Result("human", (reply,), waiting.as_state())


def _settled(turn: Turn) -> dict[str, object]:
    return Memory.of(turn.state).settled().as_state()
