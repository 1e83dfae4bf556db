"""The outbox: nobody's messages out of order, none claimed twice, and what is unknown stays unknown."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from bot import outbox
from bot.outbox import Claim
from bot.replies import Button, Reply
from bot.zalo.messages import with_plain_menu
from store.engine import open_engine, read_tx, write_tx
from store.migrate import upgrade
from store.schema import outbox as table
from store.schema import staff_tasks
from tests.bot.support import OA, START, MovableClock

LEASE = timedelta(seconds=120)
FAST = 100_000
MENU = (Button(title="Khai sinh", payload="#1"), Button(title="Kết hôn", payload="#2"))


def queue(
    engine: Engine,
    person: str,
    *texts: str | Reply,
    key: str | None = None,
    priority: int = 0,
    at: datetime = START,
) -> int:
    replies = [text if isinstance(text, Reply) else Reply(text=text) for text in texts]
    key = key or f"{person}/{texts[0]}/{priority}"
    with write_tx(engine) as connection:
        return outbox.enqueue(connection, OA, person, replies, key, at, priority)


def take(
    engine: Engine, now: datetime = START, name: str = "s", rate: int = FAST
) -> Claim | timedelta | None:
    with write_tx(engine) as connection:
        return outbox.claim(connection, OA, name, now, rate)


def claimed(engine: Engine, now: datetime = START, name: str = "s") -> Claim:
    claim = take(engine, now, name)
    assert isinstance(claim, Claim)
    return claim


def send(engine: Engine, claim: Claim, message_id: str = "z1", name: str = "s") -> None:
    with write_tx(engine) as connection:
        outbox.mark_sent(connection, claim, name, message_id, START)


def lose(engine: Engine, claim: Claim, name: str = "s", again: datetime | None = None) -> None:
    with write_tx(engine) as connection:
        outbox.mark_unknown(connection, claim, name, "no answer", START, again)


def sweep(engine: Engine, now: datetime) -> int:
    with write_tx(engine) as connection:
        return outbox.sweep(connection, now, LEASE)


def echo(engine: Engine, words: str, message_id: str | None = "z9", person: str = "p") -> bool:
    with write_tx(engine) as connection:
        return outbox.match_echo(connection, OA, person, words, message_id, START)


def rows(engine: Engine) -> list[Any]:
    with read_tx(engine) as connection:
        return list(connection.execute(select(table).order_by(table.c.id)).all())


def states(engine: Engine) -> list[str]:
    return [row.state for row in rows(engine)]


def open_tasks(engine: Engine) -> list[tuple[str, str]]:
    query = select(staff_tasks.c.kind, staff_tasks.c.ref).where(staff_tasks.c.done_at.is_(None))
    with read_tx(engine) as connection:
        return sorted((row.kind, row.ref) for row in connection.execute(query))


# ── order ───────────────────────────────────────────────────────────────────────────────────────


def test_a_persons_messages_wait_for_the_head_and_others_do_not(engine: Engine) -> None:
    queue(engine, "p", "một", "hai")
    queue(engine, "q", "ba")
    first = claimed(engine)
    assert first.reply.text == "một"
    assert claimed(engine).reply.text == "ba"
    assert take(engine) is None
    send(engine, first)
    assert claimed(engine).reply.text == "hai"


def test_a_head_that_waits_for_a_retry_holds_the_rest_back(engine: Engine) -> None:
    queue(engine, "p", "một", "hai")
    head = claimed(engine)
    later = START + timedelta(seconds=30)
    with write_tx(engine) as connection:
        outbox.requeue(connection, head, "s", later, -214, "bận")
    assert take(engine, START + timedelta(seconds=29)) is None
    again = claimed(engine, later)
    assert (again.reply.text, again.attempt) == ("một", 2)


@pytest.mark.parametrize("end", ["stopped", "dead", "unknown"])
def test_a_head_that_ended_badly_lets_the_rest_go(engine: Engine, end: str) -> None:
    queue(engine, "p", "một", "hai")
    head = claimed(engine)
    if end == "unknown":
        lose(engine, head)
    else:
        with write_tx(engine) as connection:
            outbox.give_up(connection, head, "s", end, -213, "chặn", START)
    assert states(engine)[0] == end
    assert claimed(engine).reply.text == "hai"


def test_answers_go_before_reminders_and_reminders_in_their_order(engine: Engine) -> None:
    queue(engine, "p", "nhắc 1", priority=1)
    queue(engine, "q", "nhắc 2", priority=1)
    queue(engine, "r", "trả lời")
    assert [claimed(engine).reply.text for _ in range(3)] == ["trả lời", "nhắc 1", "nhắc 2"]


def test_an_answer_overtakes_the_same_persons_waiting_reminder(engine: Engine) -> None:
    """Ten thousand reminders at the OA's rate take hours; a question must not wait for its own reminder."""
    queue(engine, "p", "nhắc", priority=1, at=START + timedelta(hours=8))
    queue(engine, "p", "trả lời 1", "trả lời 2")
    first = claimed(engine)
    assert first.reply.text == "trả lời 1"
    assert take(engine) is None
    send(engine, first)
    send(engine, claimed(engine))
    assert claimed(engine, START + timedelta(hours=8)).reply.text == "nhắc"


def test_nothing_overtakes_a_message_on_its_way(engine: Engine) -> None:
    queue(engine, "p", "nhắc", priority=1)
    on_its_way = claimed(engine)
    queue(engine, "p", "trả lời")
    assert take(engine) is None
    send(engine, on_its_way)
    assert claimed(engine).reply.text == "trả lời"


def test_a_message_is_not_due_before_its_time(engine: Engine) -> None:
    queue(engine, "p", "mai", at=START + timedelta(days=1))
    with read_tx(engine) as connection:
        assert not outbox.anything_due(connection, OA, START)
        assert outbox.anything_due(connection, OA, START + timedelta(days=1))
    assert take(engine) is None


def test_another_oas_messages_are_not_ours(engine: Engine) -> None:
    with write_tx(engine) as connection:
        outbox.enqueue(connection, "other", "p", [Reply(text="x")], "k", START)
    assert take(engine) is None


# ── once ────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_queues_once(engine: Engine) -> None:
    assert queue(engine, "p", "một", "hai", key="e1") == 2
    assert queue(engine, "p", "một", "hai", key="e1") == 0
    assert queue(engine, "p", "ba", key="e2") == 1
    assert [row.reply["text"] for row in rows(engine)] == ["một", "hai", "ba"]


def test_a_long_reply_is_queued_in_the_parts_zalo_takes(engine: Engine) -> None:
    assert queue(engine, "p", "Câu dài. " * 600, key="e1") == 3
    assert all(len(row.reply["text"]) <= 2000 for row in rows(engine))
    assert queue(engine, "p", Reply(), key="e2") == 0


def test_an_unreadable_row_is_put_aside_and_told(engine: Engine) -> None:
    """One row of another version must not stop everybody's messages."""
    queue(engine, "p", "hỏng")
    queue(engine, "q", "lành")
    with write_tx(engine) as connection:
        connection.execute(update(table).where(table.c.person_id == "p").values(reply={"words": "?"}))
    found = [claim for claim in (take(engine) for _ in range(3)) if isinstance(claim, Claim)]
    assert [claim.reply.text for claim in found] == ["lành"]
    assert states(engine) == ["dead", "sending"]
    assert open_tasks(engine) == [("send_dead", str(rows(engine)[0].id))]


PEOPLE, EACH = 8, 15


def fill(engine: Engine) -> None:
    for n in range(EACH):
        for person in range(PEOPLE):
            queue(engine, f"p{person}", str(n))


def claim_until_empty(engine: Engine, name: str) -> list[tuple[int, str, int]]:
    """What one sender claims and marks as sent: (row, person, number), in its order."""
    mine: list[tuple[int, str, int]] = []
    while True:
        claim = take(engine, name=name)
        if isinstance(claim, Claim):
            mine.append((claim.id, claim.person_id, int(claim.reply.text)))
            send(engine, claim, f"{name}-{claim.id}", name)
        elif "queued" not in states(engine):
            return mine
        else:
            time.sleep(0.002)


def assert_shared_once(engine: Engine, shares: list[list[tuple[int, str, int]]]) -> None:
    taken = Counter(row for share in shares for row, _, _ in share)
    assert set(taken.values()) == {1}
    assert len(taken) == PEOPLE * EACH
    assert set(states(engine)) == {"sent"}
    for share in shares:  # each sender saw every person's messages in their order
        for person in range(PEOPLE):
            seen = [number for _, who, number in share if who == f"p{person}"]
            assert seen == sorted(seen)


def test_four_threads_never_share_a_message(engine: Engine) -> None:
    fill(engine)
    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(lambda n: claim_until_empty(engine, f"t{n}"), range(4)))
    assert_shared_once(engine, shares)


def _claim_in_process(url: str, name: str, answer: str) -> None:
    engine = open_engine(url)
    Path(answer).write_text(json.dumps(claim_until_empty(engine, name)))


def test_four_processes_never_share_a_message(database_url: str, tmp_path: Path) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    fill(engine)
    spawn = multiprocessing.get_context("spawn")
    answers = [tmp_path / f"answer{n}" for n in range(4)]
    senders = [
        spawn.Process(target=_claim_in_process, args=(database_url, f"p{n}", str(path)))
        for n, path in enumerate(answers)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(120)
    assert [sender.exitcode for sender in senders] == [0] * 4
    assert_shared_once(engine, [json.loads(path.read_text()) for path in answers])
    engine.dispose()


# ── the OA's rate ───────────────────────────────────────────────────────────────────────────────


def test_sixty_a_minute_is_a_burst_of_ten_and_then_one_a_second(engine: Engine) -> None:
    for n in range(40):
        queue(engine, f"p{n}", "x")
    clock = MovableClock()
    for _ in range(10):
        assert isinstance(take(engine, clock(), rate=60), Claim)
    wait = take(engine, clock(), rate=60)
    assert isinstance(wait, timedelta)
    assert wait == pytest.approx(timedelta(seconds=1), abs=timedelta(milliseconds=1))
    for _ in range(5):
        clock.move(seconds=0.5)
        assert isinstance(take(engine, clock(), rate=60), timedelta)
        clock.move(seconds=0.5)
        assert isinstance(take(engine, clock(), rate=60), Claim)
        assert isinstance(take(engine, clock(), rate=60), timedelta)
    clock.move(hours=1)  # a quiet hour saves up no more than the burst
    burst = [take(engine, clock(), rate=60) for _ in range(12)]
    assert sum(isinstance(one, Claim) for one in burst) == 10


def test_when_nothing_is_due_there_is_nothing_to_wait_for(engine: Engine) -> None:
    queue(engine, "p", "x")
    assert isinstance(take(engine, rate=1), Claim)
    assert take(engine, rate=1) is None


def test_an_emptied_bucket_stays_empty_until_its_time(engine: Engine) -> None:
    clock = MovableClock()
    queue(engine, "p", "x")
    until = START + timedelta(seconds=60)
    with write_tx(engine) as connection:
        outbox.claim(connection, OA, "s", START, 60)  # makes the bucket
        connection.execute(update(table).values(state="queued"))
        outbox.empty_bucket(connection, OA, until)
    clock.move(seconds=59)
    assert isinstance(take(engine, clock(), rate=60), timedelta)
    clock.move(seconds=1)
    assert isinstance(take(engine, clock(), rate=60), timedelta)
    clock.move(seconds=1)
    assert isinstance(take(engine, clock(), rate=60), Claim)


def test_a_clock_that_is_set_back_gives_no_burst(engine: Engine) -> None:
    for n in range(30):
        queue(engine, f"p{n}", "x", at=START - timedelta(hours=2))
    assert sum(isinstance(take(engine, START, rate=60), Claim) for _ in range(15)) == 10
    back = START - timedelta(hours=1)
    assert not any(isinstance(take(engine, back, rate=60), Claim) for _ in range(5))
    assert not any(isinstance(take(engine, START, rate=60), Claim) for _ in range(5))


# ── unknown ─────────────────────────────────────────────────────────────────────────────────────


def test_a_send_that_never_ended_becomes_unknown_with_one_task(engine: Engine) -> None:
    queue(engine, "p", "một")
    claim = claimed(engine)
    assert sweep(engine, START + LEASE) == 0
    for _ in range(3):
        sweep(engine, START + LEASE + timedelta(seconds=1))
    assert states(engine) == ["unknown"]
    assert open_tasks(engine) == [("send_unknown", str(claim.id))]
    assert take(engine, START + timedelta(days=1)) is None


def test_what_is_safe_to_repeat_is_queued_again(engine: Engine) -> None:
    queue(engine, "p", Reply(text="Gọi 115", safe_to_repeat=True))
    claimed(engine)
    sweep(engine, START + LEASE + timedelta(seconds=1))
    assert states(engine) == ["queued"]
    assert open_tasks(engine) == []
    assert claimed(engine, START + LEASE + timedelta(seconds=1)).attempt == 2


def test_the_echo_settles_an_unknown_and_closes_its_task(engine: Engine) -> None:
    queue(engine, "p", "Dạ có ạ")
    lose(engine, claimed(engine))
    assert len(open_tasks(engine)) == 1
    assert echo(engine, "Dạ có ạ", "z5")
    assert [(row.state, row.message_id) for row in rows(engine)] == [("sent", "z5")]
    assert open_tasks(engine) == []


@pytest.mark.parametrize("words", ["", "Dạ", "Dạ có ạ, mời bà con", "khác hẳn"])
def test_other_words_settle_nothing(engine: Engine, words: str) -> None:
    queue(engine, "p", "Dạ có ạ")
    lose(engine, claimed(engine))
    assert not echo(engine, words)
    assert not echo(engine, "Dạ có ạ", person="q")
    assert states(engine) == ["unknown"]
    assert len(open_tasks(engine)) == 1


def test_the_echo_may_carry_the_printed_menu_and_other_unicode(engine: Engine) -> None:
    reply = Reply(text="Bà con cần thủ tục nào?", buttons=MENU)
    for n, words in enumerate((with_plain_menu(reply), "Bà con cần thủ tục nào? ")):
        queue(engine, "p", reply, key=f"k{n}")
        lose(engine, claimed(engine))
        assert echo(engine, words, f"z{n}")
    assert states(engine) == ["sent", "sent"]


def test_one_echo_settles_one_of_two_equal_messages(engine: Engine) -> None:
    for key in ("a", "b"):
        queue(engine, "p", "như nhau", key=key)
        lose(engine, claimed(engine))
    assert echo(engine, "như nhau", "z1")
    assert not echo(engine, "như nhau", "z1")  # the same echo again
    assert states(engine) == ["sent", "unknown"]
    assert echo(engine, "như nhau", "z2")
    assert open_tasks(engine) == []


def test_the_echo_of_an_earlier_send_does_not_settle_a_later_equal_one(engine: Engine) -> None:
    queue(engine, "p", "như nhau", key="a")
    send(engine, claimed(engine), "z1")
    queue(engine, "p", "như nhau", key="b")
    lose(engine, claimed(engine))
    assert not echo(engine, "như nhau", "z1")
    assert states(engine) == ["sent", "unknown"]


def test_an_echo_that_overtakes_a_lost_answer_counts(engine: Engine) -> None:
    """Zalo's webhook is often quicker than the end of our own timeout."""
    queue(engine, "p", "một")
    claim = claimed(engine)
    echo(engine, "một", "z7")
    assert states(engine) == ["sending"]
    lose(engine, claim)
    assert [(row.state, row.message_id) for row in rows(engine)] == [("sent", "z7")]
    assert open_tasks(engine) == []


def test_an_echo_that_came_before_a_crash_counts_in_the_sweep(engine: Engine) -> None:
    queue(engine, "p", Reply(text="một", safe_to_repeat=True))
    claimed(engine)
    echo(engine, "một", "z7")
    sweep(engine, START + LEASE + timedelta(seconds=1))
    assert states(engine) == ["sent"]
    assert open_tasks(engine) == []


def test_an_echo_never_turns_a_refusal_into_a_success(engine: Engine) -> None:
    """The echo belonged to an equal message of an official or of an earlier answer."""
    queue(engine, "p", "một")
    claim = claimed(engine)
    echo(engine, "một", "z7")
    with write_tx(engine) as connection:
        outbox.requeue(connection, claim, "s", START, -214, "bận")
    assert [(row.state, row.message_id) for row in rows(engine)] == [("queued", None)]
    lose(engine, claimed(engine))
    assert states(engine) == ["unknown"]


def test_the_real_answer_overrides_the_note_of_the_echo(engine: Engine) -> None:
    queue(engine, "p", "một")
    claim = claimed(engine)
    echo(engine, "một", None)
    send(engine, claim, "z1")
    assert [(row.state, row.message_id) for row in rows(engine)] == [("sent", "z1")]


# ── late ends ───────────────────────────────────────────────────────────────────────────────────


def swept(engine: Engine) -> Claim:
    queue(engine, "p", "một")
    claim = claimed(engine)
    sweep(engine, START + LEASE + timedelta(seconds=1))
    assert len(open_tasks(engine)) == 1
    return claim


def test_a_late_success_after_the_sweep_is_kept_and_closes_the_task(engine: Engine) -> None:
    send(engine, swept(engine), "z1")
    assert [(row.state, row.message_id) for row in rows(engine)] == [("sent", "z1")]
    assert open_tasks(engine) == []


def test_a_late_refusal_after_the_sweep_queues_again_and_the_success_closes_the_task(
    engine: Engine,
) -> None:
    claim = swept(engine)
    with write_tx(engine) as connection:
        outbox.requeue(connection, claim, "s", START, -32, "chậm lại")
    assert states(engine) == ["queued"]
    send(engine, claimed(engine))
    assert states(engine) == ["sent"]
    assert open_tasks(engine) == []


def test_a_late_end_does_not_touch_anothers_claim(engine: Engine) -> None:
    queue(engine, "p", Reply(text="Gọi 115", safe_to_repeat=True))
    first = claimed(engine, name="first")
    later = START + LEASE + timedelta(seconds=1)
    sweep(engine, later)
    claimed(engine, later, name="second")
    lose(engine, first, name="first")
    with write_tx(engine) as connection:
        outbox.give_up(connection, first, "first", "dead", -1, "x", START)
        outbox.requeue(connection, first, "first", START, -1, "x")
    (row,) = rows(engine)
    assert (row.state, row.claimed_by) == ("sending", "second")
    assert open_tasks(engine) == []


def test_a_settled_message_is_not_settled_again(engine: Engine) -> None:
    queue(engine, "p", "một")
    claim = claimed(engine)
    send(engine, claim, "z1")
    lose(engine, claim)
    with write_tx(engine) as connection:
        outbox.give_up(connection, claim, "s", "dead", -1, "x", START)
    assert states(engine) == ["sent"]
    assert open_tasks(engine) == []


def test_counts_by_state(engine: Engine) -> None:
    with write_tx(engine) as connection:
        for n, state in enumerate(["queued", "queued", "sent", "dead"]):
            row = {"oa_id": OA, "person_id": "p", "dedupe_key": str(n), "state": state}
            connection.execute(insert(table).values(**row, next_attempt_at=START, created_at=START))
        assert outbox.counts(connection) == {"queued": 2, "sent": 1, "dead": 1}
