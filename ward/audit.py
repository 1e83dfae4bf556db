"""What officials did: one row for each action, which the database itself keeps from being changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from store.schema import audit, staff

PAGE = 50
REASON_LENGTH = 500

ACTIONS: Final[dict[str, str]] = {
    "signed_in": "Đăng nhập",
    "sign_in_failed": "Đăng nhập không được",
    "signed_out": "Đăng xuất",
    "password_changed": "Đổi mật khẩu của mình",
    "staff_added": "Thêm cán bộ",
    "staff_changed": "Sửa thông tin, vai trò cán bộ",
    "staff_password_reset": "Đặt lại mật khẩu cán bộ",
    "staff_deactivated": "Ngừng tài khoản cán bộ",
    "staff_reactivated": "Mở lại tài khoản cán bộ",
    "zalo_link_code": "Lấy mã nối Zalo",
    "zalo_linked": "Nối Zalo của mình",
    "zalo_unlinked": "Bỏ nối Zalo",
    "digest_changed": "Đổi thư tóm tắt",
    "setting_changed": "Đổi cài đặt",
    "programme_changed": "Sửa mô hình",
    "programme_added": "Thêm mô hình",
    "programme_restored": "Trả mô hình về bản gốc",
    "programme_list": "Nạp danh mục thủ tục của mô hình",
    "programme_task_done": "Ghi đã lo việc của mô hình",
    "duty_assigned": "Phân công trực",
    "duty_removed": "Bỏ phân công trực",
    "reminder_phone": "Coi số điện thoại để nhắc lịch",
    "reminder_called": "Ghi đã gọi nhắc lịch",
    "reminder_missed": "Ghi gọi nhắc lịch không gặp",
    "reminder_wrong": "Ghi sai số khi gọi nhắc lịch",
    "visits_planned": "Lên lịch lưu động",
    "home_address_opened": "Mở địa chỉ hẹn tại nhà",
    "home_confirmed": "Xác nhận hẹn tại nhà",
    "home_proposed": "Đề nghị giờ khác cho hẹn tại nhà",
    "home_declined": "Không nhận hẹn tại nhà",
    "home_added": "Ghi hẹn tại nhà giùm người dân",
    "home_accepted": "Ghi người dân nhận giờ hẹn tại nhà",
    "home_given_up": "Ghi người dân hủy hẹn tại nhà",
    "home_done": "Ghi đã làm tại nhà",
    "home_not_done": "Ghi không thực hiện tại nhà",
    "result_ready": "Báo có kết quả hồ sơ",
    "visit_moved": "Dời buổi lưu động",
    "visit_called_off": "Hủy buổi lưu động",
    "visit_office_done": "Làm xong tại phường cho người ghi tên lưu động",
    "visit_held": "Kết thúc buổi lưu động",
    "visit_names_opened": "Mở tên, số điện thoại của buổi",
    "visit_told": "Ghi đã gọi về buổi dời",
    "visit_signup_added": "Ghi tên giùm người gọi điện, người tới hỏi",
    "visit_handed_over": "Đánh dấu đã trao ở lễ",
    "visit_ended_in_day": "Ghi kết quả trong ngày",
    "visit_signup_cancelled": "Hủy lượt ghi tên",
    "meeting_planned": "Lên lịch cà phê doanh nhân",
    "meeting_announced": "Báo lịch cà phê doanh nhân cho cơ sở đã đồng ý",
    "issue_added": "Ghi vướng mắc của doanh nghiệp",
    "issue_assigned": "Giao vướng mắc, đặt hạn",
    "issue_forwarded": "Chuyển vướng mắc lên cấp trên",
    "issue_answered": "Trả lời vướng mắc của doanh nghiệp",
    "issue_withdrawn": "Ghi cơ sở rút vướng mắc",
    "issue_called": "Gọi báo câu trả lời vướng mắc",
    "issue_firm_opened": "Coi tên, số điện thoại cơ sở nêu vướng mắc",
    "issues_exported": "Xuất sổ vướng mắc",
    "facility_added": "Thêm cơ sở y tế",
    "facility_changed": "Sửa thông tin cơ sở y tế",
    "facility_paper": "Sửa giấy phép của cơ sở y tế",
    "facility_account": "Duyệt tài khoản của cơ sở y tế",
    "facilities_imported": "Nhập danh sách cơ sở y tế",
    "facilities_exported": "Xuất danh sách cơ sở y tế",
    "health_news_written": "Soạn tin cho cơ sở y tế",
    "health_news_approved": "Duyệt gửi tin cho cơ sở y tế",
    "health_news_dropped": "Bỏ tin cho cơ sở y tế",
    "restricted_opened": "Mở đơn thư kín",
    "restricted_handled": "Ghi đơn thư kín đã xử lý",
    "case_taken": "Nhận phiếu",
    "case_passed_on": "Chuyển phiếu",
    "case_given_back": "Trả phiếu về hàng chờ",
    "case_classified": "Phân loại phiếu",
    "case_asked": "Hỏi thêm người dân",
    "case_told": "Báo tin cho người dân",
    "case_answered": "Trả lời phiếu",
    "case_note": "Ghi chú nội bộ",
    "case_closed": "Đóng phiếu hiện trường",
    "case_merged": "Gộp phiếu",
    "case_extended": "Gia hạn phiếu",
    "person_erased": "Xóa dữ liệu theo yêu cầu của người dân",
    "phone_opened": "Coi số điện thoại người dân",
    "draft_proposed": "Soạn nháp thẻ",
    "draft_approved": "Duyệt nháp thẻ",
    "draft_refused": "Không dùng nháp thẻ",
    "phrasing_proposed": "Đề xuất câu mẫu",
    "phrasing_approved": "Duyệt câu mẫu",
    "phrasing_refused": "Bỏ câu mẫu",
    "call_made": "Ghi đã gọi người dân",
    "call_missed": "Gọi không gặp người dân",
    "call_wrong": "Gọi sai số",
    "call_undone": "Bỏ lần ghi cuộc gọi",
    "send_again": "Gửi lại tin",
    "cases_exported": "Xuất danh sách phiếu",
    "cases_imported": "Nhập phiếu từ tệp",
    "appointment_settled": "Ghi kết quả hẹn tiếp công dân",
}
"""Words of the actions for the log page. Others show as they are named: add yours here."""


@dataclass(frozen=True)
class Line:
    """One row of the log, with the name of who acted (None: the program itself)."""

    id: int
    at: datetime
    staff_id: int | None
    who: str | None
    action: str
    subject: str
    reason: str | None
    detail: dict[str, Any]

    @property
    def words(self) -> str:
        return ACTIONS.get(self.action, self.action)


@dataclass(frozen=True)
class Filter:
    """What of the log is looked at; empty means all of it."""

    actions: Sequence[str] = ()
    staff_id: int | None = None
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def record(
    connection: Connection,
    oa_id: str,
    staff_id: int | None,
    action: str,
    subject: str,
    now: datetime,
    reason: str | None = None,
    **detail: Any,
) -> None:
    """Write one action down. Never give it a citizen's words, name or number."""
    connection.execute(
        insert(audit).values(
            oa_id=oa_id,
            at=now,
            staff_id=staff_id,
            action=action,
            subject=subject[:120],
            reason=reason[:REASON_LENGTH] if reason else None,
            detail=detail,
        )
    )


def lines(
    connection: Connection,
    oa_id: str,
    chosen: Filter | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> list[Line]:
    """Newest first; `before` is the id of the last line of the page before."""
    chosen = chosen or Filter()
    query = (
        select(audit, staff.c.name.label("who"))
        .outerjoin(staff, staff.c.id == audit.c.staff_id)
        .where(audit.c.oa_id == oa_id, *_conditions(chosen))
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(audit.c.id < before)
    return [
        Line(row.id, row.at, row.staff_id, row.who, row.action, row.subject, row.reason, row.detail)
        for row in connection.execute(query)
    ]


def _conditions(chosen: Filter) -> list[Any]:
    conditions: list[Any] = []
    if chosen.actions:
        conditions.append(audit.c.action.in_(list(chosen.actions)))
    if chosen.staff_id is not None:
        conditions.append(audit.c.staff_id == chosen.staff_id)
    if chosen.subject:
        conditions.append(audit.c.subject == chosen.subject)
    if chosen.since is not None:
        conditions.append(audit.c.at >= chosen.since)
    if chosen.until is not None:
        conditions.append(audit.c.at < chosen.until)
    return conditions
