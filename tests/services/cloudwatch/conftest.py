from __future__ import annotations

import pytest


@pytest.fixture
def cloudwatch(fogline):
    return fogline.client("cloudwatch")
