"""python -m bot.simulator --port 9000 --webhook URL --db PATH [--government]"""

from __future__ import annotations

import argparse
import signal
import threading
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer

from bot.simulator.blueprint import simulator_blueprint
from bot.simulator.server import make_simulator_server
from bot.simulator.state import SimulatedZalo


def make_app(zalo: SimulatedZalo) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(simulator_blueprint(zalo), url_prefix="/simulator")
    return app


def parse_arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.simulator", description="A stand-in Zalo.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--webhook", help="where the bot listens; kept from the last run when absent")
    parser.add_argument("--db", default="var/simulator.db")
    parser.add_argument("--government", action=argparse.BooleanOptionalAction, default=None)
    return parser.parse_args(words)


def given_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    given = {"webhook_url": arguments.webhook, "government": arguments.government}
    return {name: value for name, value in given.items() if value is not None}


def serve(server: BaseWSGIServer, zalo: SimulatedZalo) -> None:
    """Serve until SIGTERM or Ctrl-C, then leave everything on disk."""

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    zalo.start()
    server.serve_forever()
    server.server_close()
    zalo.close()


def main() -> None:
    arguments = parse_arguments()
    zalo = SimulatedZalo(arguments.db, **given_settings(arguments))
    server = make_simulator_server(make_app(zalo), arguments.port, arguments.host)
    print(f"Simulator ready: http://{arguments.host}:{server.server_port}/simulator/", flush=True)
    serve(server, zalo)


if __name__ == "__main__":
    main()
