from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.ward.cases.desk import Desk


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(engine)
