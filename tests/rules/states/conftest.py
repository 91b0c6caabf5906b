from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fogline.aws.states.scope import Scope
from fogline.world.ids import Ids


@pytest.fixture
def make_scope() -> Callable[..., Scope]:
    def make_scope(input: Any = None, **variables: Any) -> Scope:
        context = {"Execution": {"Input": input, "Name": "run-1"}, "State": {"Name": "Here"}}
        return Scope(input if input is not None else {}, context, Ids(seed=1), variables)

    return make_scope
