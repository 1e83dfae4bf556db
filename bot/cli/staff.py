"""`staff`: what waits for people — open cases, messages of unknown fate, alarms."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, text, update

from bot.cli import first
from store.engine import read_tx, write_tx
from store.schema import cases, staff_tasks
from ward.calendar import VIET_NAM
from ward.cases.model import STATES

if TYPE_CHECKING:
    from wsgi import House

KINDS = {
    "send_unknown": "tin chưa rõ đã tới chưa",
    "send_dead": "tin không gửi được",
    "send_stopped": "Zalo không cho nhắn người này",
    "handler_failed": "lỗi khi trả lời, đã xin lỗi người dân",
    "event_unknown": "tin nhận trước khi phục hồi dữ liệu",
    "zalo_alert": "Zalo báo lỗi cần người sửa",
    "zalo_token": "mã truy cập Zalo có vấn đề",
    "emergency": "tin có từ khẩn cấp",
    "hotlines_stale": "số đường dây nóng quá 3 tháng chưa gọi thử",
    "user_withdraw": "người dân rút quyền sử dụng dữ liệu",
    "answer_not_delivered": "trả lời không tới người dân, cần gọi",
}


def staff(args: argparse.Namespace, house: House) -> int:
    if args.action in ("add", "reset"):
        return (first.add if args.action == "add" else first.reset)(house, args.id)
    return _done(args, house) if args.action == "done" else _list(house)


def _list(house: House) -> int:
    with read_tx(house.engine) as connection:
        tasks = connection.execute(
            select(staff_tasks).where(staff_tasks.c.done_at.is_(None)).order_by(staff_tasks.c.id)
        ).all()
        waiting = connection.execute(
            select(cases.c.code, cases.c.state, cases.c.field, cases.c.due_at)
            .where(text("state NOT IN ('answered', 'merged', 'withdrawn')"))
            .order_by(cases.c.due_at)
        ).all()
    print(f"Việc chờ cán bộ / open tasks: {len(tasks)}")
    for task in tasks:
        words = KINDS.get(task.kind, task.kind)
        print(f"  {task.id:>5}  {_local(task.created_at)}  {task.kind}: {words}  [{task.ref}]")
    print(f"Phiếu chờ trả lời / open cases: {len(waiting)}")
    for case in waiting:
        state = STATES.get(case.state, case.state)
        print(f"  {case.code}  hạn {_local(case.due_at)}  {state}  {case.field or ''}")
    return 0


def _done(args: argparse.Namespace, house: House) -> int:
    if args.id is None:
        print("Cho biết số của việc / give the task's number: python -m bot staff done 12", file=sys.stderr)
        return 2
    with write_tx(house.engine) as connection:
        changed = connection.execute(
            update(staff_tasks)
            .where(staff_tasks.c.id == int(args.id), staff_tasks.c.done_at.is_(None))
            .values(done_at=datetime.now(UTC))
        )
    print("Đã xong / done" if changed.rowcount else "Không có việc này / no such open task")
    return 0 if changed.rowcount else 1


def _local(moment: datetime) -> str:
    return moment.astimezone(VIET_NAM).strftime("%d/%m/%Y %H:%M")
