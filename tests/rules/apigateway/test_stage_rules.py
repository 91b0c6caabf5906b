"""Settings of stages and of their methods."""

from __future__ import annotations

from typing import Any

from fogline.services.apigateway.stage_rules import METHOD_DEFAULTS, new_stage, settings_of


def stage(**methods: dict[str, Any]) -> dict[str, Any]:
    made = new_stage({"deploymentId": "d", "stageName": "s"}, 0)
    return {**made, "methodSettings": methods}


def test_a_method_has_its_own_settings_else_those_of_all_else_the_defaults() -> None:
    own, all_ = {"cachingEnabled": True}, {"cachingEnabled": False}
    both = stage(**{"~1pets~1{id}/GET": own, "*/*": all_})
    assert settings_of(both, "/pets/{id}", "GET") is own
    assert settings_of(both, "/pets/{id}", "POST") is all_
    assert settings_of(stage(), "/pets", "GET") is METHOD_DEFAULTS


def test_keys_may_be_written_with_and_without_escapes() -> None:
    for key in ("pets/GET", "~1pets/GET"):
        own = {"cachingEnabled": True}
        assert settings_of(stage(**{key: own}), "/pets", "GET") is own


def test_the_root_has_settings() -> None:
    own = {"cachingEnabled": True}
    for key in ("~1/GET", "/GET"):
        assert settings_of(stage(**{key: own}), "/", "GET") is own
