"""`doctor`: what is wrong and the mend, in Vietnamese and English. Exit code 1 when something is broken."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, select

from bot import outbox
from knowledge.portal.store import FILE_NAME
from store.engine import read_tx
from store.schema import heartbeats, inbox_events, signature_counts, staff_tasks
from ward.calendar import local
from ward.hotlines import stale

if TYPE_CHECKING:
    from wsgi import House

Grade = Literal["ok", "warn", "bad"]
MARKS: dict[Grade, str] = {"ok": "✓", "warn": "!", "bad": "✗"}
LOW_DISK = 500 * 1024 * 1024
WAITING_TOO_LONG = timedelta(minutes=2)


@dataclass(frozen=True)
class Finding:
    grade: Grade
    vi: str
    en: str
    mend: str = ""


def doctor(_args: argparse.Namespace, house: House) -> int:
    findings = list(examine(house))
    for finding in findings:
        print(f"{MARKS[finding.grade]} {finding.vi} / {finding.en}")
        if finding.mend:
            print(f"    → {finding.mend}")
    broken = sum(finding.grade == "bad" for finding in findings)
    print(f"{broken} lỗi / errors, {sum(f.grade == 'warn' for f in findings)} lưu ý / warnings")
    return 1 if broken else 0


def examine(house: House) -> Iterator[Finding]:
    """Every finding; a check that itself breaks is a finding too."""
    checks: tuple[Callable[[House], Iterator[Finding]], ...] = (
        _settings, _database, _disk, _ward, _library, _token, _signature, _official_account, _worker, _queues,
    )  # fmt: skip
    for check in checks:
        try:
            yield from check(house)
        except Exception as error:  # one broken part must not hide the others
            name = check.__name__.strip("_")
            reason = f"{type(error).__name__}: {error}"
            yield Finding("bad", f"Không kiểm được: {name}", f"check failed: {name}", reason[:300])


def _settings(house: House) -> Iterator[Finding]:
    settings = house.settings
    if settings.simulated:
        yield Finding(
            "warn",
            "Đang dùng trình giả lập, chưa nối Zalo thật",
            "the simulator takes Zalo's place",
            "đặt ZALO_APP_ID, ZALO_APP_SECRET, ZALO_OA_ID, ZALO_OA_SECRET",
        )
    if settings.zalo_gaps:
        yield Finding("bad", "Thiếu cấu hình Zalo", "Zalo settings missing", ", ".join(settings.zalo_gaps))
    if not settings.simulated and not settings.public_url.startswith("https://"):
        yield Finding(
            "bad", "PUBLIC_URL chưa đúng", "PUBLIC_URL is not https", "đặt địa chỉ https:// mà Zalo gọi được"
        )
    if not settings.secret_key:
        where = settings.var_dir / "secret.key"
        yield Finding(
            "warn",
            "Khóa bí mật nằm trong tệp tự sinh",
            "the secret key is in a made file",
            f"cất {where} cùng nơi với bản sao lưu, hoặc đặt SECRET_KEY",
        )
    if settings.zalo_signature == "log":
        yield Finding(
            "warn",
            "Chữ ký webhook mới chỉ ghi nhận, chưa chặn",
            "webhook signatures are not enforced",
            "khi thấy chữ ký khớp ở dưới thì đặt ZALO_SIGNATURE=enforce",
        )


def _database(house: House) -> Iterator[Finding]:
    wrong = house.health.readiness()["database"]
    if wrong:
        yield Finding("bad", "Cơ sở dữ liệu có vấn đề", "database trouble", wrong)
    else:
        yield Finding("ok", "Cơ sở dữ liệu chạy tốt", f"database is well ({house.engine.dialect.name})")


def _disk(house: House) -> Iterator[Finding]:
    folder = house.settings.var_dir
    free = shutil.disk_usage(folder if folder.exists() else ".").free
    if free < LOW_DISK:
        yield Finding("bad", "Sắp hết ổ đĩa", f"only {free // 1024**2} MiB free", f"dọn bớt ổ chứa {folder}")


def _ward(house: House) -> Iterator[Finding]:
    profile = house.profile
    if profile.sample:
        yield Finding(
            "warn",
            "Đang dùng phường mẫu, địa chỉ và số điện thoại là giả",
            "the sample ward is in use",
            "chép thư mục ward/sample, sửa lại cho đúng phường, đặt WARD_DIR",
        )
    else:
        yield Finding("ok", f"Hồ sơ phường: {profile.name}", "ward profile read")
    old = stale(profile, local(datetime.now(UTC)).date())
    if old:
        yield Finding(
            "warn",
            f"{len(old)} số đường dây nóng quá 3 tháng chưa gọi thử",
            f"{len(old)} hotline numbers not checked for three months",
            f"gọi thử rồi sửa checked_on trong ward.toml: {', '.join(line.name for line in old)}",
        )
    if house.mailer is None:
        yield Finding(
            "warn",
            "Chưa đặt thư tóm tắt cho cán bộ",
            "no e-mail digest: SMTP_URL or MAIL_FROM is empty",
            "đặt SMTP_URL và MAIL_FROM để báo cán bộ khi Zalo không tới",
        )
    year = date.today().year  # noqa: DTZ011 - a reminder, not a deadline
    for wanted in (year, year + 1):
        if not house.calendar.is_checked(wanted):
            yield Finding(
                "warn",
                f"Lịch nghỉ năm {wanted} chưa được phường xác nhận",
                f"holidays of {wanted} are not confirmed",
                f"coi lại calendar.toml rồi thêm {wanted} vào checked_years",
            )


def _library(house: House) -> Iterator[Finding]:
    entries = house.library.entries()
    today = datetime.now(UTC).date()
    ended = [entry.key for entry in entries if entry.effective_to and entry.effective_to < today]
    old = [entry.key for entry in entries if entry.verified_on + timedelta(entry.review_days) < today]
    yield Finding("ok", f"Thư viện có {len(entries)} thủ tục", f"{len(entries)} procedures")
    yield from _imported(house)
    if ended:
        yield Finding(
            "warn", f"{len(ended)} thủ tục hết hiệu lực", "entries past their date", ", ".join(ended)
        )
    if old:
        yield Finding("warn", f"{len(old)} thủ tục cần rà lại", "entries to review", ", ".join(old))


def _imported(house: House) -> Iterator[Finding]:
    """Records of the portal nobody has reviewed."""
    file = house.settings.var_dir / FILE_NAME
    held = len(house.library.imported)
    if held:
        told = f"{held} thủ tục nhập từ Cổng, phường chưa kiểm"
        yield Finding("ok", told, f"{held} imported, unreviewed")
    elif file.exists():
        yield Finding(
            "bad",
            "Không đọc được hồ sơ đã nhập từ Cổng",
            "the imported records cannot be read",
            f"xóa {file} rồi nhập lại: python -m knowledge import PATH",
        )


def _token(house: House) -> Iterator[Finding]:
    status = house.tokens.status()
    if status is None:
        yield Finding(
            "bad",
            "Chưa có mã truy cập Zalo",
            "no Zalo token",
            "lấy refresh token ở API Explorer rồi chạy: python -m bot oauth install",
        )
    elif status.trouble:
        yield Finding(
            "bad",
            "Mã truy cập Zalo có vấn đề",
            f"token trouble: {status.trouble}",
            "thử python -m bot oauth resume; không được thì python -m bot oauth install",
        )
    else:
        yield Finding(
            "ok", "Mã truy cập Zalo còn dùng được", f"token lives until {status.expires_at:%F %H:%M} UTC"
        )


def _signature(house: House) -> Iterator[Finding]:
    with read_tx(house.engine) as connection:
        rows = connection.execute(
            select(signature_counts).where(signature_counts.c.oa_id == house.account.oa_id)
        ).all()
    for row in rows:
        grade: Grade = "warn" if row.combination == "none" else "ok"
        words = "không khớp chữ ký" if row.combination == "none" else f"chữ ký khớp ({row.combination})"
        yield Finding(grade, f"{row.n} sự kiện {words}", f"{row.n} webhook events: {row.combination}")


def _official_account(house: House) -> Iterator[Finding]:
    if house.settings.simulated:
        return
    info = house.client().oa_info()
    kinds = {"2": "doanh nghiệp / business", "4": "cơ quan nhà nước / government"}
    kind = kinds.get(str(info.oa_type), f"loại {info.oa_type}")
    yield Finding("ok", f"OA {info.name or ''} ({kind})", f"package: {info.package_name or '?'}")


def _worker(house: House) -> Iterator[Finding]:
    with read_tx(house.engine) as connection:
        at = connection.execute(select(func.max(heartbeats.c.at))).scalar()
    if at is None or datetime.now(UTC) - at > timedelta(seconds=30):
        yield Finding(
            "warn", "Phần xử lý không chạy", "no worker is running", "chạy python -m bot run (hoặc worker)"
        )
    else:
        yield Finding("ok", "Phần xử lý đang chạy", "the worker is running")


def _queues(house: House) -> Iterator[Finding]:
    with read_tx(house.engine) as connection:
        oldest = connection.execute(
            select(func.min(inbox_events.c.received_at)).where(inbox_events.c.state == "new")
        ).scalar()
        states = outbox.counts(connection)
        tasks = connection.execute(
            select(func.count()).select_from(staff_tasks).where(staff_tasks.c.done_at.is_(None))
        ).scalar()
    if oldest is not None and datetime.now(UTC) - oldest > WAITING_TOO_LONG:
        yield Finding(
            "bad", "Có tin chờ lâu chưa được trả lời", f"oldest event waits since {oldest:%F %H:%M} UTC"
        )
    if states.get("restored"):
        yield Finding(
            "bad", "Phục hồi dở dang", "a restore was cut short", "chạy lại: python -m bot restore TỆP"
        )
    unknown, dead = states.get("unknown", 0), states.get("dead", 0)
    if unknown or dead:
        yield Finding(
            "warn",
            f"{unknown} tin chưa rõ đã tới chưa, {dead} tin không gửi được",
            f"{unknown} unknown, {dead} dead messages",
            "coi danh sách: python -m bot staff",
        )
    if tasks:
        yield Finding("warn", f"{tasks} việc chờ cán bộ", f"{tasks} open staff tasks", "python -m bot staff")
