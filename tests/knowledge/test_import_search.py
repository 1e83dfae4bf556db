"""Imported records in search and understanding: found when clearly meant, behind what the ward reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from knowledge.__main__ import main
from knowledge.evaluation.judge import judge_all, understanding_only
from knowledge.evaluation.questions import Question
from knowledge.library import Library
from knowledge.portal.choose import behind
from knowledge.portal.record import Record, record_of
from knowledge.portal.shelf import LONGEST_LABEL, Shelf, label, subject
from knowledge.portal.store import imported_records
from knowledge.schema import Entry
from knowledge.syllables import plain
from knowledge.text import normalize
from knowledge.understand import Context, understand
from tests.knowledge.portal_files import NAMES, crawled, written

SHARED = Path(__file__).resolve().parents[3] / "shared"
MANGROVE, FERRY, COINS = ("dvcqg_" + code.replace(".", "_") for code in NAMES)


def record(code: str = "1.900001", name: str | None = None, **more: Any) -> Record:
    return record_of(crawled(code, **({"ten_thu_tuc": name} if name else {}), **more), "crawl")


def among(library: Library, *meant: Record) -> Library:
    """The library with these records and a few hundred others."""
    others = enumerate(entry.official_name for entry in library.entries())
    return library.with_imported(
        [*meant, *(record(f"1.8{n:05}", f"Thu hồi kết quả {name}") for n, name in others)]
    )


@pytest.fixture(scope="module")
def both(library: Library) -> Library:
    """The reviewed entries, three records beside them, and one under a reviewed code."""
    taken = record("1.001193", "Đăng ký khai sinh theo Cổng")
    return among(library, *map(record, NAMES), taken)


@pytest.fixture(scope="module")
def whole(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """With the whole crawl, where it lies beside the repository; else with a few hundred made-up records."""
    folder = tmp_path_factory.mktemp("import")
    crawl = SHARED / "portal" / "procedures.jsonl.gz"
    if not crawl.exists():
        names = [entry.official_name for entry in library.entries()]
        made = [crawled(f"1.9{n:05}", ten_thu_tuc=f"Thu hồi {name} đã cấp") for n, name in enumerate(names)]
        crawl = written(folder / "crawl.jsonl", *made)
    assert main(["import", str(crawl), "--db", str(folder / "imported.sqlite")]) == 0
    return library.with_imported(imported_records(folder / "imported.sqlite"))


# --- found


MEANT = [
    ("giám định tiền cổ ở đâu", COINS),
    (NAMES["1.900003"], COINS),
    ("muốn công bố bến đò ngang sông cần giấy gì", FERRY),
    ("cong bo ben do ngang song", FERRY),
    ("cap phep trong rung ngap man ho gia dinh", MANGROVE),
]


@pytest.mark.parametrize(("asked", "key"), MEANT)
def test_what_is_clearly_meant_is_answered(both: Library, asked: str, key: str) -> None:
    understood = understand(asked, Context(), both)
    assert (understood.outcome, understood.key) == ("answer", key)


def test_codes_of_both_kinds_are_known(both: Library) -> None:
    assert both.code_of(COINS) == "1.900003"
    assert both.code_of("khai_sinh") == "1.001193"


def test_without_the_import_nobody_knows(library: Library) -> None:
    assert understand(NAMES["1.900003"], Context(), library).outcome != "answer"


def test_a_part_asked_next_is_about_the_same_record(both: Library) -> None:
    understood = understand("phí bao nhiêu vậy", Context(last_key=FERRY), both)
    assert (understood.outcome, understood.key, understood.facet) == ("followup", FERRY, "le_phi")


def test_near_ones_are_offered(library: Library) -> None:
    several = [
        record("1.900004", "Nuôi chim yến trong khu dân cư đông"),
        record("1.900005", "Nuôi chim yến trong khu dân cư thưa"),
    ]
    understood = understand("nuôi chim yến trong khu dân cư", Context(), among(library, *several))
    assert understood.outcome == "choices"
    assert {choice.key for choice in understood.choices} == {one.key for one in several}


def test_of_one_procedure_at_several_levels_the_ward_s_is_told(library: Library) -> None:
    levels = {
        "1.900004": ("tỉnh", "Cấp tỉnh"),
        "1.900005": ("xã", "Cấp xã"),
        "1.900006": ("trung ương", "Cấp bộ"),
    }
    several = [
        record(code, f"Cấp phép nuôi chim yến trong nhà (thực hiện tại cấp {said})", cap_thuc_hien=level)
        for code, (said, level) in levels.items()
    ]
    understood = understand("cấp phép nuôi chim yến trong nhà", Context(), among(library, *several))
    assert understood.key == "dvcqg_1_900005"


def test_accents_tell_words_apart(library: Library) -> None:
    shelf = Shelf([record("1.900004", "Cấp giấy phép môi trường nước"), record("1.900005", "Cấp mới trướng")])
    assert [hit.record.code for hit in shelf.search(normalize("giấy phép môi trường nước"))][0] == "1.900004"
    assert shelf.search(normalize("mổi trưởng"))[0].said == 0


# --- behind what is reviewed


def test_a_reviewed_code_is_not_there_twice(both: Library) -> None:
    assert both.record("dvcqg_1_001193") is None
    understood = understand("Đăng ký khai sinh theo Cổng", Context(), both)
    assert understood.candidates[0].key in both


def test_codes_of_superseded_entries_are_left_out(library: Library) -> None:
    codes = [entry.code for entry in library.entries() if entry.kind == "superseded" and entry.code]
    assert codes
    made = library.with_imported([record(code) for code in codes])
    assert len(made.imported) == 0


def test_the_name_of_a_reviewed_entry_under_another_code_is_left_out(library: Library) -> None:
    entry = library.by_code("1.001193")[0]
    named = record("1.900009", f"Thủ tục {entry.official_name} (thực hiện tại cấp tỉnh)")
    assert len(library.with_imported([named]).imported) == 0


def test_a_code_with_a_known_last_day_is_left_out(library: Library) -> None:
    others = [entry for entry in library.entries() if entry.code != "1.011606"]
    assert len(Shelf.beside([record("1.011606")], others)) == 0


def test_reviewed_entries_come_first_when_both_fit(library: Library) -> None:
    twin = record("1.900009", "Cấp giấy khai sinh cho bé ở nước ngoài về")
    made = library.with_imported([twin])
    assert made.search("làm giấy khai sinh cho bé")[0].key == "khai_sinh"
    assert understand("làm giấy khai sinh cho bé", Context(), made).key == "khai_sinh"


def test_in_one_list_the_unreviewed_stand_behind() -> None:
    hits = Shelf([record("1.900003")]).search(normalize(NAMES["1.900003"]))
    (placed,) = behind(hits)
    assert 0 < placed.score < hits[0].score


def test_small_talk_and_guarded_matters_stay_what_they_are(both: Library) -> None:
    for words in ("giá vàng hôm nay", "cảm ơn em", "tôi muốn tố cáo cán bộ", "alo", "", "???"):
        assert understand(words, Context(), both).key is None


def test_the_import_changes_no_answer_to_the_entries_own_questions(
    whole: Library, entries: list[Entry]
) -> None:
    """Every entry's first phrasings, with and without accents: what was right stays right."""
    library = Library.from_entries(entries)
    lost = []
    for entry in entries[::2]:
        for words in (entry.phrasings[0], plain(entry.phrasings[1])):
            before, after = (understand(words, Context(), shelf) for shelf in (library, whole))
            right = entry.key in {before.key, *(choice.key for choice in before.choices)}
            if right and (after.key, after.choices) != (before.key, before.choices):
                lost.append((entry.key, words, after.key))
    assert lost == []


def test_the_evaluation_loses_nothing(
    whole: Library, library: Library, dev_questions: list[dict[str, Any]]
) -> None:
    asked = [Question.model_validate(raw) for raw in dev_questions]
    asked.append(Question(id="x", question="làm khai sinh cho bé", expected=("1.001193",)))
    before, after = (judge_all(asked, one, understanding_only(one)) for one in (library, whole))
    assert sum(verdict.wrong for verdict in after) <= sum(verdict.wrong for verdict in before)
    solved = [sum(verdict.solved for verdict in verdicts) for verdicts in (before, after)]
    assert solved[1] >= solved[0] - len(asked) // 100


def test_imported_codes_count_as_held(both: Library) -> None:
    asked = [Question(id="1", question="giám định tiền cổ", expected=("1.900003",))]
    (verdict,) = judge_all(asked, both, understanding_only(both))
    assert verdict.held
    assert verdict.solved


# --- names


def test_names_are_shortened_for_offering() -> None:
    assert subject("Thủ tục cấp thẻ (thực hiện tại cấp trung ương)") == "cấp thẻ"
    assert subject("Cấp xã") == "Cấp xã"
    long = label(record(name="Cấp giấy chứng nhận " * 20))
    assert len(long) <= LONGEST_LABEL
    assert long.endswith("…")


def test_a_library_without_import_is_unchanged(library: Library) -> None:
    said = normalize("làm khai sinh cho bé")
    assert library.search(said) == library.search_reviewed(said)
    assert library.record("dvcqg_1_900001") is None
    assert library.name_of("khong_co") is None


# --- commands


def test_search_tells_what_is_unreviewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(
        [
            "import",
            str(written(tmp_path / "a.jsonl", *map(crawled, NAMES))),
            "--db",
            str(tmp_path / "i.sqlite"),
        ]
    )
    capsys.readouterr()
    assert main(["search", "giám định tiền cổ", "--imported", str(tmp_path / "i.sqlite")]) == 0
    told = capsys.readouterr().out
    assert "→ answer" in told
    assert f"{COINS}  {NAMES['1.900003']}  [theo Cổng DVCQG, phường chưa kiểm]" in told
    assert main(["search", "giám định tiền cổ", "--imported", str(tmp_path / "none.sqlite")]) == 1
    assert "nhập bằng python -m knowledge import" in capsys.readouterr().err
