"""Sites: from an address to the deployment that answers there, compiled, with the stage's variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.addresses import Address, with_stage
from fogline.apis.parts import inside
from fogline.services.apigateway.runtime.compiled import CompiledApi
from fogline.services.apigateway.runtime.exchange import Site
from fogline.services.apigateway.tables import Tables
from fogline.store.store import Tx

_COMPILED_MAX = 128


class Sites:
    """Finds sites. Snapshots never change, so what is compiled of them is kept on any store."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._compiled: dict[tuple[str, str, str, str], CompiledApi] = {}

    def find(self, tx: Tx, address: Address, chance: float) -> Site | None:
        """The site; `chance` (0 to 1) decides whether a stage's canary answers."""
        tables = self._tables
        owner = tables.apis.owner(tx, address.api)
        if owner is None:
            return None
        account, region = owner
        name = with_stage(address).stage or ""
        stage = tables.stages.find(tx, account, region, inside(address.api, name))
        if stage is None:
            return None
        deployment, variables, is_canary = _chosen(stage, chance)
        api = self._api(tx, account, region, address.api, deployment)
        if api is None:
            return None
        return Site(account, region, api, name, stage, variables, is_canary)

    def _api(
        self, tx: Tx, account: str, region: str, api_id: str, deployment: str
    ) -> CompiledApi | None:
        key = (account, region, api_id, deployment)
        known = self._compiled.get(key)
        if known is None:
            snapshot = self._tables.snapshots.find(tx, account, region, inside(api_id, deployment))
            if snapshot is None:
                return None
            if len(self._compiled) >= _COMPILED_MAX:
                del self._compiled[next(iter(self._compiled))]
            known = self._compiled[key] = CompiledApi(snapshot, deployment)
        return known


def _chosen(stage: Mapping[str, Any], chance: float) -> tuple[str, Mapping[str, str], bool]:
    """The deployment and the variables that answer, and whether they are the canary's."""
    variables = stage.get("variables") or {}
    canary = stage.get("canarySettings")
    if canary and chance * 100 < (canary.get("percentTraffic") or 0):
        overrides = canary.get("stageVariableOverrides") or {}
        return canary["deploymentId"], {**variables, **overrides}, True
    return stage["deploymentId"], variables, False
