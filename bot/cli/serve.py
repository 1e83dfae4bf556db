"""`run`, `web`, `worker`: start, say where, stop cleanly on SIGTERM."""

from __future__ import annotations

import argparse
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Flask

from bot.cli import demo
from bot.cli.first import ensure_admin
from bot.serve import WebServer
from bot.simulator import GUNICORN_FORWARDER_HEADERS
from bot.worker import Worker

if TYPE_CHECKING:
    from ward.demo import Accounts
    from wsgi import House


@dataclass
class AllInOne:
    """Web, worker and (without a real OA) the simulator in one process."""

    house: House
    worker: Worker | None = None
    simulator: Any = None
    _lines: list[str] = field(default_factory=list)

    def make_app(self) -> Flask:
        app = self.house.web()
        if self.house.settings.simulated:
            from wsgi import add_simulator

            self.simulator = add_simulator(app, self.house)
        return app

    def started(self) -> None:
        self.worker = self.house.worker()
        self.worker.start()
        admin = ensure_admin(self.house)
        made_up = demo.seed(self.house, self.simulator)
        _say_addresses(self.house, admin)
        if made_up is not None:
            _say_accounts(made_up)

    def ended(self) -> None:
        if self.worker is not None:
            self.worker.stop()
        if self.simulator is not None:
            self.simulator.close()


def _say_addresses(house: House, admin_password: str | None) -> None:
    base = f"http://127.0.0.1:{house.settings.port}"
    print("Trợ lý phường đang chạy / the ward's assistant is running (Ctrl+C: dừng / stop)")
    if house.settings.simulated:
        print(f"  Trang chat thử / chat page:  {base}/simulator/")
    print(f"  Bàn cán bộ / console:        {base}/console/")
    if admin_password is not None:
        print("  Lần đầu đăng nhập / first sign-in (chỉ hiện một lần / shown once):")
        print(f"      tên / user: admin   mật khẩu / password: {admin_password}")
    print(f"  Webhook:                     {house.settings.public_url or base}/webhook/zalo")
    print(f"  Sẵn sàng / ready:            {base}/readyz", flush=True)


def _say_accounts(made_up: Accounts) -> None:
    print("DỮ LIỆU MẪU / made-up cases. Cán bộ mẫu để thử bàn làm việc / officials to try the console with:")
    for username, roles in made_up.roles.items():
        print(f"      {username:<10} {roles}")
    print(f"  Mật khẩu chung, chỉ hiện một lần / their password, shown once: {made_up.password}", flush=True)


def run(_args: argparse.Namespace, house: House) -> int:
    house.account  # noqa: B018 - a wrong setting is told here, before the server starts
    parts = AllInOne(house)
    WebServer(
        parts.make_app,
        house.settings.port,
        started=parts.started,
        ended=parts.ended,
        forwarder_headers=GUNICORN_FORWARDER_HEADERS if house.settings.simulated else "",
    ).run()
    return 0


def web(args: argparse.Namespace, house: House) -> int:
    house.account  # noqa: B018
    WebServer(house.web, house.settings.port, args.processes).run()
    return 0


def worker(_args: argparse.Namespace, house: House) -> int:
    running = house.worker()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _number, _frame: running.ask_to_stop())
    running.start()
    running.wait()
    running.stop()
    return 0
