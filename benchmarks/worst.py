"""How long one message can keep the library busy: 5,000 characters of what costs most."""

from __future__ import annotations

import random
import time
import unicodedata
from collections.abc import Sequence

from benchmarks.made_up import SEED
from benchmarks.report import Bench, Goal
from knowledge.library import Library
from knowledge.load import load_entries
from knowledge.paths import load_paths
from knowledge.schema import Entry
from knowledge.understand import Context, understand

LENGTH = 5000
TIMES = 7
GOAL_MS = 50.0
CONSONANTS = "bcdghklmnpqrstvxwz"


def inputs(entries: Sequence[Entry]) -> dict[str, str]:
    """What it is → the message. Each tires another part: patterns, slips, story parts, postings."""
    chance = random.Random(SEED)
    words = sorted({word for entry in entries for phrase in entry.phrasings for word in phrase.split()})
    phrases = [phrase for entry in entries for phrase in entry.phrasings]
    letters = ["".join(chance.choices(CONSONANTS, k=6)) for _ in range(LENGTH // 7)]
    half = [word if n % 3 else chance.choice(words) for n, word in enumerate(letters)]
    story = "tôi muốn hỏi chuyện sang tên sổ đỏ thừa kế mà nhà có sáu anh em, một người ở nước ngoài. "
    made = {
        "the entries' phrasings, one after the other": ". ".join(chance.sample(phrases, 200)),
        "any words of the library": " ".join(chance.choices(words, k=LENGTH // 3)),
        "clauses of four words": ", ".join(" ".join(chance.choices(words, k=4)) for _ in range(LENGTH // 12)),
        "one sentence of a story, repeated": story * 60,
        "one phrase, repeated": "khai sinh " * 500,
        "one third words, else letters at random": " ".join(half),
        "letters at random": " ".join(letters),
        "one letter": "a" * LENGTH,
        "words run together": "khaisinhchocon" * 400,
        "typed with the keyboard switched off": "giaays khai sinh nguwowif " * 200,
        "digits": "1234567890 " * 455,
        "national codes": "1.001193 " * 556,
        "letters with many marks": ("a" + "\u0301\u0323\u0302" * 8) * 200,
        "letters and marks apart (NFD)": unicodedata.normalize("NFD", story * 60),
        "zero-width characters between all letters": "\u200b".join(story * 30),
        "pictures": "😀👍🏽👨\u200d👩\u200d👧" * 600,
        "control characters": "\x00\x01\x1b" * 1667,
        "signs that become many letters": "ﷺ" * LENGTH,
    }
    return {what: text[:LENGTH] for what, text in made.items()}


def bench(quick: bool) -> Bench:
    library = Library.from_entries(load_entries(), load_paths())
    for phrase in ("làm giấy khai sinh cần gì", "sang tên sổ đỏ ở đâu"):
        understand(phrase, Context(), library)
    rows, longest = [], 0.0
    for what, text in inputs(library.entries()).items():
        taken = [_cpu_ms(text, library) for _ in range(3 if quick else TIMES)]
        rows.append([what, f"{len(text):,}", f"{taken[0]:.1f}", f"{sorted(taken)[len(taken) // 2]:.1f}"])
        longest = max(longest, taken[0])
    return Bench(
        "worst",
        "Search and understanding of one message made to cost much, in ms of processor time: the first time, "
        f"when no word of it was seen before, and the median of {3 if quick else TIMES}.",
        ["message", "characters", "first ms", "median ms"],
        rows,
        [Goal(f"none longer than {GOAL_MS:.0f} ms", f"{longest:.1f} ms", longest < GOAL_MS)],
    )


def _cpu_ms(text: str, library: Library) -> float:
    began = time.process_time()
    understand(text, Context(), library)
    return (time.process_time() - began) * 1000
