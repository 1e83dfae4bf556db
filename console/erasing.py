"""The right to have one's data erased, carried out: answered first, while there is somebody to tell."""

from __future__ import annotations

from flask import Blueprint, request

from bot import people
from bot.people import Person
from console import casework
from console.access import page
from console.case_actions import Acting, Answer, act, need_directing
from ward.cases import work
from ward.cases.work import MoveRefused
from ward.staff import Permission

blueprint = Blueprint("erasing", __name__, url_prefix="/phieu/<code>")


@blueprint.post("/xoa-du-lieu")
@page(Permission.CASES_WORK)
def erase(code: str) -> Answer:
    sure = request.form.get("sure") == "1"

    def do(acting: Acting) -> str:
        person_id = casework.to_erase(acting.case)
        if person_id is None:
            raise MoveRefused("Phiếu này không phải yêu cầu xóa dữ liệu của người nhắn Zalo.", "not_erasing")
        need_directing(acting)
        if not sure:
            raise MoveRefused("Đánh dấu ô xác nhận rồi bấm Xóa: xóa rồi không lấy lại được.", "sure")
        words = acting.house.case_words
        changed = work.send_answer(*acting.at, words.erased_words(), True, acting.now, acting.house.calendar)
        acting.say(changed.case, words.erased(changed.case, casework.speaker(acting.me)), changed.sent_as)
        people.forget(acting.connection, Person(acting.house.oa_id, person_id, {}, None), acting.now)
        acting.log("person_erased")
        return "Đã xóa dữ liệu và đang gửi tin báo. Zalo nhận tin thì phiếu mới tính là xong."

    return act(code, do)
