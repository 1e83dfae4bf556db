"""The collected webhook bodies. Ids and secrets in them are invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

APP_ID = "4400000000000000001"
OA_ID = "2500000000000000099"
PERSON = "7100000000000000011"
SECRET = "dummy-oa-secret"

FIXTURES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("data").joinpath("fixtures.json").read_text("utf-8")
)
BY_NAME = {fixture["name"]: fixture for fixture in FIXTURES}


def raw(name: str, **changes: Any) -> bytes:
    """The body of a fixture, with fields of it replaced."""
    payload = {**BY_NAME[name]["payload"], **changes}
    return json.dumps(payload, ensure_ascii=False).encode()
