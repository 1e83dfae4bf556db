"""`python -m knowledge import`: what is taken, what is refused, and that failures change nothing."""

from __future__ import annotations

import csv
import fcntl
import gzip
import json
import os
import resource
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from knowledge.__main__ import main
from knowledge.cli import Outside
from knowledge.evaluation.judge import understanding_only
from knowledge.portal import clean
from knowledge.portal.errors import ImportStopped
from knowledge.portal.read import LARGEST_UNPACKED, LONGEST_LINE, items_of
from knowledge.portal.record import Refusal, on_portal, record_of
from knowledge.portal.store import Stored, StoreError, imported_records, read_store
from knowledge.words import lexicon
from tests.knowledge.portal_files import NAMES, PAGE, crawled, lines, parsed, written

SHARED = Path(__file__).resolve().parents[3] / "shared"
WRONG_PAGES = set(lexicon("portal_defects")["wrong_pages"])


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "var" / "imported.sqlite"


def run(db: Path, *args: Path | str) -> int:
    return main(["import", *map(str, args), "--db", str(db)])


def refused(path: Path) -> dict[str, str]:
    """Code → why, of a report."""
    with path.open(encoding="utf-8-sig") as file:
        return {row["ma"]: row["ly_do"] for row in csv.DictReader(file)}


# --- what is taken


def test_crawl_becomes_clean_records(tmp_path: Path, db: Path) -> None:
    assert run(db, written(tmp_path / "crawl.jsonl.gz", crawled(), crawled("1.900002"))) == 0
    record = read_store(db).records["1.900001"]
    assert record.name == NAMES["1.900001"]
    assert (record.level, record.field) == ("xã, tỉnh", "Lâm nghiệp")
    assert record.body == "Ủy ban Nhân dân phường, xã"
    assert record.url == PAGE + "1.900001"


def test_nothing_of_fees_times_and_papers_is_kept(tmp_path: Path, db: Path) -> None:
    run(db, written(tmp_path / "crawl.jsonl", crawled()))
    stored = db.read_bytes().decode("utf-8", "ignore")
    assert "Cấp phép trồng rừng" in stored
    for words in ("Miễn phí", "700", "mẫu số 01"):
        assert words not in stored


def test_parsed_format_and_a_folder_of_files(tmp_path: Path, db: Path) -> None:
    folder = tmp_path / "tthc"
    folder.mkdir()
    written(folder / "a.json", parsed())
    written(folder / "b.json", parsed("1.900002"), parsed("1.900003"))
    (folder / "INDEX.md").write_text("not a list")
    assert run(db, folder) == 0
    assert set(read_store(db).records) == set(NAMES)


def test_a_code_written_into_the_name_is_taken_out() -> None:
    named = record_of(crawled(ten_thu_tuc="Cấp giấy phép môi trường (cấp Tỉnh) ( 1.010727 )"), "crawl")
    assert named.name == "Cấp giấy phép môi trường (cấp Tỉnh)"


def test_both_formats_give_the_same_record() -> None:
    one = record_of(crawled(cap_thuc_hien="Cấp xã", co_quan_thuc_hien="Ủy ban nhân dân cấp xã"), "crawl")
    assert one == record_of(parsed(), "parsed")


def test_importing_twice_gives_the_same_content(tmp_path: Path, db: Path) -> None:
    source = written(tmp_path / "crawl.jsonl.gz", crawled(), crawled("1.900002"))
    run(db, source)
    first = read_store(db)
    assert run(db, source) == 0
    assert read_store(db) == first
    assert read_store(db).content_hash == first.content_hash


def test_a_second_file_is_merged_and_wins(tmp_path: Path, db: Path) -> None:
    run(db, written(tmp_path / "old.jsonl", crawled(), crawled("1.900002")))
    newer = crawled("1.900002", ten_thu_tuc="Công bố bến khách ngang sông")
    assert run(db, written(tmp_path / "new.jsonl", newer, crawled("1.900003"))) == 0
    records = read_store(db).records
    assert set(records) == set(NAMES)
    assert records["1.900002"].name == "Công bố bến khách ngang sông"
    assert {one.name for one in read_store(db).sources} == {"old.jsonl", "new.jsonl"}


def test_dry_run_writes_nothing(tmp_path: Path, db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(db, written(tmp_path / "crawl.jsonl", crawled()), "--dry-run") == 0
    assert "nhận 1" in capsys.readouterr().out
    assert not db.parent.exists()


def test_remove_undoes(tmp_path: Path, db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(db, written(tmp_path / "crawl.jsonl", crawled()))
    assert run(db, "--remove", "--dry-run") == 0
    assert db.exists()
    assert run(db, "--remove") == 0
    assert "đã bỏ 1 hồ sơ" in capsys.readouterr().out
    assert read_store(db) == Stored()
    assert run(db, "--remove") == 0


def test_the_usual_place_is_told_by_the_house(tmp_path: Path) -> None:
    source = written(tmp_path / "crawl.jsonl", crawled())
    house = Outside(lambda day: understanding_only, tmp_path, tmp_path / "here")
    assert main(["import", str(source)], assembled=lambda: house) == 0
    assert set(read_store(tmp_path / "here" / "imported.sqlite").records) == {"1.900001"}


def test_a_link_to_the_target_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "imported.sqlite"
    link.symlink_to(tmp_path / "disk" / "real.sqlite")
    run(link, written(tmp_path / "crawl.jsonl", crawled()))
    assert link.is_symlink()
    assert set(read_store(tmp_path / "disk" / "real.sqlite").records) == {"1.900001"}


# --- what is refused, record by record

UNFIT: list[tuple[dict[str, Any], str]] = [
    (crawled("1.9"), "mã không đúng dạng"),
    (crawled("١.٩٩٩٠٠٥"), "mã không đúng dạng"),
    (crawled(ten_thu_tuc=" Không có thông tin "), "không có tên"),
    (crawled(ten_thu_tuc="Cấp " * 500), "dài bất thường"),
    (crawled(ten_thu_tuc=5), "sai kiểu"),
    (crawled(linh_vuc=None), "sai kiểu"),
    ({"ma_thu_tuc": "1.900001"}, "thiếu trường"),
    (crawled(detail_url="javascript:alert(1)"), "đường dẫn"),
    (crawled(detail_url="http://dichvucong.gov.vn/a"), "đường dẫn"),
    (crawled(detail_url="https://dichvucong.gov.vn.example.com/a"), "đường dẫn"),
    (crawled(detail_url="https://dichvucong.gov.vn@example.com/a"), "đường dẫn"),
    (crawled(detail_url="https://dichvucong.gov.vn/a\nb"), "đường dẫn"),
    (crawled(raw_text="Mã thủ tục: 1.014023 Tên …"), "trang sai"),
]


@pytest.mark.parametrize(("raw", "why"), UNFIT)
def test_unfit_records_are_refused(raw: dict[str, Any], why: str) -> None:
    with pytest.raises(Refusal) as error:
        record_of(raw, "crawl")
    assert why in str(error.value)


def test_what_is_no_record_is_refused_and_the_others_are_taken(tmp_path: Path, db: Path) -> None:
    source = written(tmp_path / "crawl.jsonl", [1], 5, "x", crawled(), crawled("1.900002", detail_url=""))
    report = tmp_path / "report.csv"
    assert run(db, source, "--report", report) == 0
    assert set(read_store(db).records) == {"1.900001"}
    assert set(refused(report)) == {"?", "1.900002"}


def test_refusals_are_counted_and_listed(
    tmp_path: Path, db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [crawled(), *(crawled(f"1.8{n:05}", detail_url="") for n in range(60))]
    run(db, written(tmp_path / "crawl.jsonl", *rows), "--report", tmp_path / "report.csv")
    told = capsys.readouterr().out
    assert "Đọc 61 hồ sơ: nhận 1 (mới 1, đổi 0), từ chối 60" in told
    assert "60  đường dẫn không phải trang https" in told
    assert "dòng 2" in told
    assert "và 20 hồ sơ nữa" in told
    assert len(refused(tmp_path / "report.csv")) == 60


def test_the_report_holds_no_formula(tmp_path: Path, db: Path) -> None:
    source = written(tmp_path / "crawl.jsonl", crawled(), crawled('=HYPERLINK("x")'))
    run(db, source, "--report", tmp_path / "report.csv")
    assert not [code for code in refused(tmp_path / "report.csv") if code.startswith("=")]


def test_the_later_of_two_with_one_code_is_kept(tmp_path: Path, db: Path) -> None:
    rows = (crawled(), crawled(ten_thu_tuc="Tên mới hơn"))
    run(db, written(tmp_path / "crawl.jsonl", *rows), "--report", tmp_path / "report.csv")
    assert read_store(db).records["1.900001"].name == "Tên mới hơn"
    assert refused(tmp_path / "report.csv") == {"1.900001": "trùng mã, giữ bản đọc sau"}


WRONG: list[tuple[str, list[dict[str, Any]], set[str]]] = [
    ("a page under two codes", [crawled(detail_url=PAGE + "x"), crawled("1.900002", detail_url=PAGE + "x")],
     {"1.900001", "1.900002"}),
    ("a province's procedure in a ministry's list", [crawled(so_quyet_dinh="226/QĐ-UBND")], {"1.900001"}),
    ("a code known for its wrong page", [crawled("3.000283", ten_thu_tuc="Hỗ trợ phát triển sản xuất")],
     {"3.000283"}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "rows", "codes"), WRONG, ids=[case[0] for case in WRONG])
def test_wrong_pages_are_refused(
    what: str, rows: list[dict[str, Any]], codes: set[str], tmp_path: Path, db: Path
) -> None:
    source = written(tmp_path / "crawl.jsonl", *rows, crawled("1.900003"))
    run(db, source, "--report", tmp_path / "report.csv")
    assert set(read_store(db).records) == {"1.900003"}
    found = refused(tmp_path / "report.csv")
    assert set(found) == codes
    assert all(why.startswith("trang sai") for why in found.values())


def test_a_mended_page_is_taken(tmp_path: Path, db: Path) -> None:
    name = lexicon("portal_defects")["wrong_pages"]["3.000283"]["name"]
    run(db, written(tmp_path / "crawl.jsonl", crawled("3.000283", ten_thu_tuc=name)))
    assert set(read_store(db).records) == {"3.000283"}


def test_a_shared_page_is_found_across_imports(tmp_path: Path, db: Path) -> None:
    run(db, written(tmp_path / "one.jsonl", crawled(detail_url=PAGE + "x"), crawled("1.900003")))
    run(db, written(tmp_path / "two.jsonl", crawled("1.900002", detail_url=PAGE + "x"), crawled("1.900003")))
    assert set(read_store(db).records) == {"1.900003"}


# --- cleaning

CLEANED = [
    ("<script>alert('x')</script>Cấp <b>giấy</b>\u200b phép", "Cấp giấy phép"),
    ("Cấp &lt;img src=x onerror=alert(1)&gt; giấy", "Cấp giấy"),
    ("Ca\u0302\u0301p\xa0 giấy\x00\u202e", "Cấp giấy"),
    ("diện tích < 5 ha và > 2 ha", "diện tích < 5 ha và > 2 ha"),
]


@pytest.mark.parametrize(("dirty", "expected"), CLEANED)
def test_texts_are_cleaned(dirty: str, expected: str) -> None:
    assert clean.text(dirty) == expected


BODIES = [
    ("Công an cấp Xã, Cục an ninh mạng và phòng, chống tội phạm",
     "Công an cấp Xã; Cục an ninh mạng và phòng, chống tội phạm"),
    ("Bảo hiểm xã hội cấp Tỉnh, Bảo hiểm xã hội cấp huyện", "Bảo hiểm xã hội cấp Tỉnh"),
    ("Phòng Tư Pháp", None),
    ("Không có thông tin", None),
    ("Sở Tư pháp Thành phố Hà Nội", "Sở Tư pháp"),
    ("", None),
]  # fmt: skip


@pytest.mark.parametrize(("written_so", "expected"), BODIES)
def test_bodies_that_are_gone_are_not_named(written_so: str, expected: str | None) -> None:
    assert clean.bodies(written_so) == expected


def test_addresses_of_the_portal() -> None:
    assert on_portal(PAGE + "019d2bf7-4fc1-768b-9ba3-94be4bca58ee")
    assert not on_portal("https://dichvucong.gov.vn:8443/a")
    assert not on_portal("https://[dichvucong.gov.vn/a")


# --- files that stop the import: a clear error, and nothing changed

HOSTILE: list[tuple[str, bytes, str]] = [
    ("no_gzip.jsonl.gz", lines(crawled()), "không phải tệp gzip"),
    ("gzip.jsonl", gzip.compress(lines(crawled())), "thiếu đuôi .gz"),
    ("cut.jsonl.gz", gzip.compress(lines(crawled()) * 50)[:-12], "bị cụt hoặc hỏng"),
    ("bent.jsonl.gz", b"\x1f\x8b" + bytes(range(60)), "bị cụt hoặc hỏng"),
    ("latin.jsonl", lines(crawled()) + b'{"ma_thu_tuc": "\xff"}\n', "dòng 2: không phải chữ UTF-8"),
    ("half.jsonl", lines(crawled()) + b'{"ma_thu_tuc": \n', "dòng 2: không phải JSON"),
    ("nan.jsonl", b'{"ma_thu_tuc": NaN}\n', "dòng 1: có giá trị không dùng được (NaN)"),
    ("number.jsonl", b'{"a": ' + b"9" * 5000 + b"}\n", "có giá trị không dùng được"),
    ("deep.jsonl", b"[" * 200_000 + b"]" * 200_000, "lồng nhau quá nhiều lớp"),
    ("long.jsonl", b'"' + b"x" * LONGEST_LINE + b'"\n', "dòng 1: dài hơn 4 MiB"),
    ("empty.jsonl", b"", "tệp trống"),
    ("nobody.jsonl", b"\n\n", "không có hồ sơ nào dùng được"),
    ("unfit.jsonl", lines({"a": 1}), "không có hồ sơ nào dùng được"),
    ("wrong.jsonl", lines(crawled(so_quyet_dinh="1/QĐ-UBND")), "không hồ sơ nào qua được bước kiểm"),
    ("mapping.json", b"{}", "cần một danh sách"),
    ("big.json", b"[" + b" " * 16 * 2**20 + b"]", "lớn hơn 16 MiB"),
    ("notes.txt", b"x", "không biết loại tệp"),
]


@pytest.mark.parametrize(("name", "content", "why"), HOSTILE, ids=[case[0] for case in HOSTILE])
def test_a_broken_file_changes_nothing(
    name: str, content: bytes, why: str, tmp_path: Path, db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(db, written(tmp_path / "good.jsonl", crawled()))
    before = db.read_bytes()
    (tmp_path / name).write_bytes(content)
    capsys.readouterr()
    assert run(db, tmp_path / "good.jsonl", tmp_path / name) == 1
    assert_told(capsys.readouterr().err, why)
    assert db.read_bytes() == before
    assert os.listdir(db.parent) == [db.name]


def assert_told(told: str, *words: str) -> None:
    for part in words:
        assert part in told
    assert "Không có gì thay đổi." in told
    assert "Traceback" not in told


def test_a_gzip_bomb_is_stopped_at_the_limit(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.jsonl.gz"
    with gzip.open(bomb, "wb", compresslevel=9) as file:
        blank = b" " * (LONGEST_LINE - 1) + b"\n"
        for _ in range(LARGEST_UNPACKED // LONGEST_LINE + 1):
            file.write(blank)
    assert bomb.stat().st_size < 2**20
    with pytest.raises(ImportStopped, match="bung ra hơn 256 MiB"):
        list(items_of(bomb))


def test_a_file_of_many_gigabytes_is_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.jsonl"
    with huge.open("wb") as file:
        file.truncate(5 * 2**30)
    with pytest.raises(ImportStopped, match="lớn hơn 256 MiB"):
        list(items_of(huge))


def test_paths_that_are_no_files(tmp_path: Path, db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "loop.jsonl").symlink_to(tmp_path / "loop.jsonl")
    (tmp_path / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    (tmp_path / "zero.jsonl").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "folder").mkdir()
    expected = {
        "loop.jsonl": "liên kết chạy vòng",
        "gone.jsonl": "không có tệp này", "missing.jsonl": "không có tệp này",
        "zero.jsonl": "không phải tệp thường", "pipe.jsonl": "không phải tệp thường",
        "folder": "thư mục không có tệp", "x" * 300: "tên quá dài",
    }  # fmt: skip
    for name, why in expected.items():
        assert run(db, tmp_path / name) == 1
        assert_told(capsys.readouterr().err, name, why)
    assert not db.parent.exists()


def test_a_folder_that_leads_astray(tmp_path: Path, db: Path) -> None:
    folder = tmp_path / "tthc"
    folder.mkdir()
    written(folder / "a.json", parsed())
    (folder / "b.json").symlink_to("/dev/zero")
    assert run(db, folder) == 1
    assert not db.exists()


def test_another_program_s_file_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path / "crawl.jsonl", crawled())
    for content in (b"the ward's own data", b""):
        other = tmp_path / "ward.db"
        other.write_bytes(content)
        for args in ((source,), (source, "--dry-run"), ("--remove",)):
            assert run(other, *args) == 1
            assert "không phải tệp do lệnh import ghi" in capsys.readouterr().err
            assert other.read_bytes() == content


def test_a_target_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = written(tmp_path / "crawl.jsonl", crawled())
    assert run(source / "imported.sqlite", source) == 1
    assert_told(capsys.readouterr().err, str(source), "không tạo hoặc mở được thư mục")
    assert (
        main(["import", str(source), "--db", str(tmp_path / "a.sqlite"), "--report", "/dev/null/x.csv"]) == 1
    )
    assert_told(capsys.readouterr().err, "/dev/null/x.csv", "không ghi được báo cáo")
    assert not (tmp_path / "a.sqlite").exists()


def test_a_report_must_be_a_table(tmp_path: Path, db: Path) -> None:
    precious = tmp_path / "ward.db"
    precious.write_text("data")
    assert run(db, written(tmp_path / "crawl.jsonl", crawled()), "--report", precious) == 1
    assert precious.read_text() == "data"


def test_paths_and_remove_exclude_each_other(tmp_path: Path, db: Path) -> None:
    assert run(db) == 1
    assert run(db, tmp_path / "x.jsonl", "--remove") == 1


def test_a_full_disk_changes_nothing(tmp_path: Path, db: Path) -> None:
    """A limit on the size of files stands for the disk that takes no more."""
    run(db, written(tmp_path / "old.jsonl", crawled()))
    before = db.read_bytes()
    more = written(tmp_path / "new.jsonl", *(crawled(f"1.8{n:05}") for n in range(2000)))
    limit = (200_000, 200_000)
    done = subprocess.run(
        [sys.executable, "-m", "knowledge", "import", more, "--db", db],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert_told(done.stderr, str(db), "không ghi được")
    assert db.read_bytes() == before
    assert os.listdir(db.parent) == [db.name]


class Stopping:
    """A terminal somebody presses Ctrl-C at when the bar first shows."""

    def __init__(self) -> None:
        self.told = ""

    def isatty(self) -> bool:
        return True

    def write(self, words: str) -> int:
        if not self.told:
            self.told = " "
            raise KeyboardInterrupt
        self.told += words
        return len(words)

    def flush(self) -> None:
        pass


def test_ctrl_c_changes_nothing(tmp_path: Path, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(db, written(tmp_path / "old.jsonl", crawled()))
    before = db.read_bytes()
    terminal = Stopping()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert run(db, written(tmp_path / "new.jsonl", crawled("1.900002"))) == 130
    assert "đã dừng" in terminal.told
    assert db.read_bytes() == before


def test_one_import_at_a_time(tmp_path: Path, db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = written(tmp_path / "crawl.jsonl", crawled())
    db.parent.mkdir()
    folder = os.open(db.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    assert run(db, source) == 1
    assert_told(capsys.readouterr().err, str(db), "đang có một lệnh nhập khác")
    os.close(folder)
    assert run(db, source) == 0


def test_what_a_killed_import_left_is_cleared_away(tmp_path: Path, db: Path) -> None:
    db.parent.mkdir()
    (db.parent / f".{db.name}.abc.part").write_text("half")
    (db.parent / ".other.part").write_text("another's")
    run(db, written(tmp_path / "crawl.jsonl", crawled()))
    assert sorted(os.listdir(db.parent)) == [".other.part", db.name]


def test_progress_is_told_on_stderr_only(
    tmp_path: Path, db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(db, written(tmp_path / "crawl.jsonl", *(crawled(f"1.8{n:05}") for n in range(1500))))
    told = capsys.readouterr()
    assert "đã đọc 1000 hồ sơ" in told.err
    assert "đã đọc" not in told.out
    assert "\r" not in told.err


# --- the stored file


def test_a_stored_file_that_was_tampered_with_is_left_aside(tmp_path: Path, db: Path) -> None:
    import sqlite3

    run(db, written(tmp_path / "crawl.jsonl", crawled()))
    assert [record.code for record in imported_records(db)] == ["1.900001"]
    with closing(sqlite3.connect(db)) as stored:
        stored.execute("update records set url = 'https://example.com/'")
        stored.commit()
    with pytest.raises(StoreError):
        read_store(db)
    assert imported_records(db) == []


def test_no_file_means_no_records(tmp_path: Path) -> None:
    assert imported_records(tmp_path / "none.sqlite") == []


# --- the whole crawl, where it lies beside the repository


def test_the_whole_crawl(tmp_path: Path, db: Path) -> None:
    """All records but the 17 wrong pages; without the crawl, the same on a crawl made of those pages."""
    crawl = SHARED / "portal" / "procedures.jsonl.gz"
    if not crawl.exists():
        pages = [
            crawled(code, ten_thu_tuc="Hỗ trợ sản xuất", detail_url=PAGE + "one") for code in WRONG_PAGES
        ]
        crawl = written(tmp_path / "crawl.jsonl.gz", *pages, *map(crawled, NAMES))
    count = sum(1 for _ in items_of(crawl))
    report = tmp_path / "report.csv"
    assert run(db, crawl, "--report", report) == 0
    assert set(refused(report)) == WRONG_PAGES
    assert len(read_store(db).records) == count - len(WRONG_PAGES)


def test_the_parsed_records(tmp_path: Path, db: Path) -> None:
    folder = SHARED / "tthc"
    if not folder.exists():
        folder = tmp_path / "tthc"
        folder.mkdir()
        written(folder / "all.json", *map(parsed, NAMES))
    codes = {row["code"] for path in folder.glob("*.json") for row in json.loads(path.read_text("utf-8"))}
    assert run(db, folder) == 0
    assert set(read_store(db).records) == codes
