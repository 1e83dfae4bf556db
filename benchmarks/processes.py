"""Starting, watching and ending the processes that are measured. Only 127.0.0.1, only our own children."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent
READY_WITHIN_S = 60.0
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:] if log.exists() else ""


@contextmanager
def running(arguments: list[str], env: Mapping[str, str], folder: Path) -> Iterator[int]:
    """`python -m …` in `folder`, in a process group of its own; its pid. SIGTERM at the end, then SIGKILL."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZALO_", "WARD_"))}
    log = folder / f"{arguments[0]}.log"
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=folder,
            env=kept | {"PYTHONPATH": str(ROOT)} | dict(env),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield child.pid
    except BaseException:
        sys.stderr.write(tail(log))
        raise
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(25)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait(5)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


def wait_until(predicate: Callable[[], bool], what: str, within: float = READY_WITHIN_S) -> float:
    """Seconds until it was true."""
    began = time.perf_counter()
    while not predicate():
        if time.perf_counter() - began > within:
            raise TimeoutError(f"{what}: not within {within:.0f} s")
        time.sleep(0.01)
    return time.perf_counter() - began


def family(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            with suppress(OSError):
                found += [int(child) for child in task.read_text().split()]
    return found


def cpu_seconds(pid: int) -> float:
    """Processor time of the process and all below it, so far."""
    total = 0
    for one in family(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory_mib(pid: int) -> tuple[float, float]:
    """RSS and PSS of the process and all below it. PSS counts shared pages once."""
    rss = pss = 0
    for one in family(pid):
        with suppress(OSError):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                rss += int(rest.split()[0]) if name == "Rss" else 0
                pss += int(rest.split()[0]) if name == "Pss" else 0
    return rss / 1024, pss / 1024
