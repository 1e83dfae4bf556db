"""A stand-in Zalo over HTTP. It is the other side: nothing of the project is imported here."""

from bot.simulator.blueprint import simulator_blueprint
from bot.simulator.server import GUNICORN_FORWARDER_HEADERS, ZaloRequestHandler, make_simulator_server
from bot.simulator.settings import (
    SIM_ADMIN_ID,
    SIM_APP_ID,
    SIM_APP_SECRET,
    SIM_OA_ID,
    SIM_OA_SECRET,
    SIM_REFRESH_TOKEN,
    Settings,
)
from bot.simulator.signature import sign
from bot.simulator.state import SimulatedZalo

__all__ = [
    "GUNICORN_FORWARDER_HEADERS",
    "SIM_ADMIN_ID",
    "SIM_APP_ID",
    "SIM_APP_SECRET",
    "SIM_OA_ID",
    "SIM_OA_SECRET",
    "SIM_REFRESH_TOKEN",
    "Settings",
    "SimulatedZalo",
    "ZaloRequestHandler",
    "make_simulator_server",
    "sign",
    "simulator_blueprint",
]
