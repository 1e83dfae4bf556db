"""The evaluation as one page: figures, then every miss with its candidates, their scores and why.

Nothing is loaded from elsewhere; everything a citizen typed is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from knowledge.evaluation.figures import COLUMNS, Block, Calibration, blocks, calibration, confusions
from knowledge.evaluation.judge import Verdict
from knowledge.evaluation.reasons import explain
from knowledge.evaluation.tables import label
from knowledge.library import Library
from knowledge.search import Candidate

LOOK = Path(__file__).with_name("page.css")
SCRIPT = Path(__file__).with_name("page.js")
CANDIDATES = 5
FAULTS = {
    "wrong": "trả sai",
    "unsolved": "chưa giải được",
    "facet": "sai phần hỏi",
    "place": "chưa đứng đầu",
}
OUTCOMES = {
    "answered": "trả lời",
    "followup": "trả lời tiếp chuyện đang nói",
    "clarify": "hỏi lại cho rõ",
    "handover": "chuyển cán bộ",
    "human": "gặp cán bộ",
    "out_of_scope": "ngoài phạm vi",
    "other_authority": "việc của nơi khác",
    "smalltalk": "chuyện trò",
    "feedback": "nhận phản ánh",
    "formal_complaint": "khiếu nại, tố cáo",
    "emergency": "khẩn cấp",
    "privacy": "dữ liệu cá nhân",
    "nonsense": "không ra câu",
}


def as_page(verdicts: Sequence[Verdict], library: Library, made_at: datetime) -> str:
    missed = [(one, faults) for one in verdicts if (faults := faults_of(one))]
    missed.sort(key=lambda pair: list(FAULTS).index(pair[1][0]))
    body = [
        _header(len(verdicts), len(library), made_at),
        *map(_block, blocks(verdicts)),
        _calibration(calibration(verdicts)),
        _confusions(verdicts, library),
        f'<section id="xem-lai"><h2>Câu cần xem lại: <output id="shown">{len(missed)}</output> câu</h2>',
        _filters(missed),
        *(_miss(one, faults, library) for one, faults in missed),
        "</section>",
    ]
    return (
        '<!doctype html>\n<html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Đo chất lượng trả lời</title><style>{LOOK.read_text('utf-8')}</style></head><body>"
        f"<main>{''.join(body)}</main><script>{SCRIPT.read_text('utf-8')}</script></body></html>\n"
    )


def _header(questions: int, entries: int, made_at: datetime) -> str:
    return (
        f"<header><h1>Đo chất lượng trả lời</h1><p>{questions} câu hỏi có nhãn, {entries} thủ tục, "
        f"lúc {made_at:%H:%M ngày %d/%m/%Y}. Chữ nhỏ cạnh mỗi tỷ lệ là khoảng tin cậy 95 %. "
        f'<a href="#xem-lai">Các câu cần xem lại</a></p></header>'
    )


def faults_of(verdict: Verdict) -> list[str]:
    """What is to be seen about a question, the gravest first."""
    found = {
        "wrong": verdict.wrong,
        "unsolved": not verdict.solved,
        "facet": verdict.question.of_procedure and verdict.solved and not verdict.facet,
        "place": verdict.question.of_procedure and verdict.solved and not verdict.top1,
    }
    return [name for name, there in found.items() if there]


def _block(block: Block) -> str:
    heads = "".join(f"<th>{COLUMNS[column]}</th>" for column in block.columns)
    rows = []
    for name, n, shares in block.rows:
        cells = "".join(
            f'<td data-head="{COLUMNS[column]}"><b>{share.value:.1%}</b> '
            f"<small>{share.interval[0]:.0%}–{share.interval[1]:.0%}</small></td>"
            for column, share in zip(block.columns, shares, strict=True)
        )
        rows.append(f'<tr><th>{escape(label(name))}</th><td data-head="số câu">{n}</td>{cells}</tr>')
    return _table(block.title, f"<th></th><th>số câu</th>{heads}", rows)


def _table(title: str, heads: str, rows: Sequence[str]) -> str:
    return (
        f"<section><h2>{escape(title)}</h2><table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></section>"
    )


def _calibration(found: Calibration) -> str:
    if not found.n:
        return ""
    rows = [
        f'<tr><th>{one.low:.1f}–{one.high:.1f}</th><td data-head="số câu">{one.right.n}</td>'
        f'<td data-head="điểm giữa">{one.mean:.2f}</td>'
        f'<td data-head="trả đúng"><b>{one.right.value:.1%}</b> '
        f"<small>{one.right.interval[0]:.0%}–{one.right.interval[1]:.0%}</small></td>"
        f'<td class="bar"><meter value="{one.right.value:.3f}"></meter></td></tr>'
        for one in found.bins
    ]
    title = f"Điểm có đáng tin không (Brier {found.brier:.3f}, ECE {found.ece:.3f})"
    return _table(title, "<th>điểm</th><th>số câu</th><th>điểm giữa</th><th>trả đúng</th><th></th>", rows)


def _confusions(verdicts: Sequence[Verdict], library: Library) -> str:
    rows = [
        f"<tr><th>{_names(wanted.split('/'), library)}</th>"
        f'<td data-head="hiểu là">{_name(took, library)}</td>'
        f'<td data-head="trả sai">{wrong}</td><td data-head="chỉ đứng đầu">{ranked}</td></tr>'
        for wanted, took, wrong, ranked in confusions(verdicts)
    ]
    heads = "<th>cần</th><th>hiểu là</th><th>trả sai</th><th>chỉ đứng đầu</th>"
    return _table("Nhầm việc này với việc khác", heads, rows) if rows else ""


def _filters(missed: Sequence[tuple[Verdict, list[str]]]) -> str:
    faults = {fault: sum(fault in found for _, found in missed) for fault in FAULTS}
    kinds = sorted({one.question.kind for one, _ in missed})
    chosen = "".join(f'<option value="{name}">{FAULTS[name]} ({n})</option>' for name, n in faults.items())
    of_kind = "".join(f'<option value="{escape(kind)}">{escape(label(kind))}</option>' for kind in kinds)
    return (
        '<form id="filters"><label>Lỗi <select name="fault"><option value="">tất cả</option>'
        f'{chosen}</select></label><label>Loại câu <select name="kind"><option value="">tất cả</option>'
        f'{of_kind}</select></label><label>Có chữ <input name="words" type="search"></label></form>'
    )


def _miss(verdict: Verdict, faults: Sequence[str], library: Library) -> str:
    question, told = verdict.question, verdict.told
    marks = "".join(f'<span class="mark {name}">{FAULTS[name]}</span>' for name in faults)
    got = OUTCOMES.get(told.outcome, told.outcome)
    if told.answered:
        got += f": {_name(told.answered, library)}"
    if told.choices:
        got += f"; đưa chọn: {_names(told.choices, library)}"
    wanted = _names(verdict.wanted, library) or _codes(question.expected, question.of_procedure)
    facets = f"cần {label(question.facet)}, hiểu là {escape(label(told.facet or '–'))}"
    return (
        f'<article data-faults="{" ".join(faults)}" data-kind="{escape(question.kind)}">'
        f"<h3>{escape(question.question)}</h3><p>{marks} <small>{escape(question.id)} · "
        f"{escape(label(question.kind))}</small></p><dl><dt>Cần</dt><dd>{wanted}</dd><dt>Được</dt><dd>{got}</dd>"
        f"<dt>Phần hỏi</dt><dd>{facets}</dd></dl>{_candidates(verdict, library)}{_text(told.text)}</article>"
    )


def _codes(expected: Iterable[str], of_procedure: bool) -> str:
    return f"{escape(', '.join(expected))} (kho chưa có)" if of_procedure else "không trả lời thủ tục nào"


def _candidates(verdict: Verdict, library: Library) -> str:
    rows = [
        f'<tr class="{"hit" if one.key in verdict.wanted else ""}"><td data-head="điểm">{one.score:.3f}</td>'
        f"<th>{_name(one.key, library)}</th><td>{escape(explain(one.why))}</td></tr>"
        for one in explained(verdict, library)
    ]
    return f"<table class='candidates'><tbody>{''.join(rows)}</tbody></table>" if rows else ""


def explained(verdict: Verdict, library: Library) -> list[Candidate]:
    """The best candidates for the words of the question, and the wanted ones wherever they rank."""
    best = library.search(verdict.question.question, CANDIDATES)
    known = {one.key for one in best}
    missing = [key for key in verdict.wanted if key not in known]
    return [*best, *library.rank(missing, verdict.question.question)] if missing else best


def _text(text: str) -> str:
    if not text:
        return ""
    return f"<details><summary>Câu đã trả</summary><pre>{escape(text)}</pre></details>"


def _names(keys: Iterable[str], library: Library) -> str:
    return ", ".join(_name(key, library) for key in keys)


def _name(key: str, library: Library) -> str:
    entry = library.entry(key)
    return (
        f"{escape(entry.plain_name)} <code>{escape(key)}</code>" if entry else f"<code>{escape(key)}</code>"
    )
