"""Specs: what the workers need to run a version, made once per stamp and kept at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from fogline.aws.arn import find_arn
from fogline.ports.addresses import LocalAddresses
from fogline.ports.credentials import RoleCredentials
from fogline.ports.functions import Credentials, FunctionSpec, Logging
from fogline.services.lambda_.limits import Limits
from fogline.services.lambda_.names import Reference, qualified
from fogline.services.lambda_.packages import Packages, folder_stamp
from fogline.store.store import Store, Tx

_KEPT_MAX = 4_096

_Key = tuple[str, str, str, str]
"""Account, region, name and version."""


class _Kept(NamedTuple):
    stamp: str
    """Of the configuration."""
    until: int
    """When its credentials are no longer fresh."""
    spec: FunctionSpec
    addresses: int
    """How often addresses had changed when its variables were looked at."""


class Specs:
    """Function specs by version."""

    def __init__(
        self,
        store: Store,
        packages: Packages,
        limits: Limits,
        endpoint: Callable[[], str],
        credentials: RoleCredentials,
        addresses: LocalAddresses,
    ) -> None:
        self._store = store
        self._packages = packages
        self._limits = limits
        self._endpoint = endpoint
        self._credentials = credentials
        self._addresses = addresses
        self._kept: dict[_Key, _Kept] = {}
        self._making: dict[tuple[str, ...], asyncio.Task[_Kept]] = {}
        self._addresses_changed = 0

    async def of(
        self, reference: Reference, version: str, config: Mapping[str, Any], now: int
    ) -> FunctionSpec:
        """The spec of a version, its code and layers in place.

        A live folder is looked at each time: what was edited runs next.
        """
        key = (reference.account, reference.region, reference.name, version)
        kept = self._kept.get(key)
        if kept is None or kept.stamp != config["stamp"] or kept.until <= now:
            kept = await self._made_once(key, reference, version, config, now)
        elif kept.addresses != self._addresses_changed:
            kept = await self._looked_at_again(key, kept, config)
            kept = kept or await self._made_once(key, reference, version, config, now)
        spec = kept.spec
        if "folder" in config["package"]:
            stamp = folder_stamp(spec.code_folder, self._limits)
            spec = replace(spec, stamp=f"{spec.stamp}-{stamp}")
        return spec

    async def _looked_at_again(
        self, key: _Key, kept: _Kept, config: Mapping[str, Any]
    ) -> _Kept | None:
        """What is kept, if the function would be told now what it was told then."""
        count, spec = self._addresses_changed, kept.spec
        if (await self._variables(config), await self._names(spec.account, spec.region)) != (
            spec.environment,
            spec.home_names,
        ):
            return None
        kept = self._kept[key] = kept._replace(addresses=count)
        return kept

    async def _made_once(
        self,
        key: _Key,
        reference: Reference,
        version: str,
        config: Mapping[str, Any],
        now: int,
    ) -> _Kept:
        """Make a spec, once for all who ask meanwhile: two would end each other's environments."""
        stamped = (*key, str(config["stamp"]))
        task = self._making.get(stamped)
        if task is None:
            making = self._make(reference, version, config, now)
            task = self._making[stamped] = asyncio.get_running_loop().create_task(making)
            task.add_done_callback(lambda done: self._making.pop(stamped, None))
        kept = self._kept[key] = await asyncio.shield(task)
        return kept

    async def _make(
        self, reference: Reference, version: str, config: Mapping[str, Any], now: int
    ) -> _Kept:
        if len(self._kept) >= _KEPT_MAX:
            self._kept.clear()
        count = self._addresses_changed
        package = config["package"]
        if "folder" in package:
            folder = Path(package["folder"])
        else:
            folder = await self._packages.prepare(package["digest"])
        layers = [
            await self._packages.prepare(layer["digest"]) for layer in config.get("layers", ())
        ]
        credentials = await self._issue(reference, config["Role"], now)
        logging = config["LoggingConfig"]
        spec = FunctionSpec(
            arn=qualified(reference.function_arn, version),
            name=reference.name,
            version=version,
            account=reference.account,
            region=reference.region,
            runtime=config["Runtime"],
            handler=config["Handler"],
            code_folder=folder,
            # Environments must not outlive their credentials.
            stamp=f"{config['stamp']}-{credentials.access_key}",
            credentials=credentials,
            endpoint=self._endpoint(),
            logging=Logging(
                logging["LogGroup"],
                logging["LogFormat"],
                logging.get("ApplicationLogLevel", ""),
                logging.get("SystemLogLevel", "INFO"),
            ),
            environment=await self._variables(config),
            home_names=await self._names(reference.account, reference.region),
            layers=tuple(layers),
            timeout_ms=config["Timeout"] * 1000,
            memory_mb=config["MemorySize"],
            ephemeral_mb=config["EphemeralStorage"]["Size"],
            architecture=config["Architectures"][0],
            is_traced=config["TracingConfig"]["Mode"] == "Active",
        )
        return _Kept(config["stamp"], now + self._limits.credentials_fresh_ms, spec, count)

    async def _variables(self, config: Mapping[str, Any]) -> Mapping[str, str]:
        """A function's own variables, with AWS's addresses of what lives here as they are here."""
        given: Mapping[str, str] = config.get("Environment", {}).get("Variables", {})
        # The runtimes that are ours find names under `localhost`; others know what the machine knows.
        by_path = not config["Runtime"].startswith(("python", "nodejs"))

        def localize(tx: Tx) -> Mapping[str, str]:
            endpoint, localized = self._endpoint(), self._addresses.localized
            return {
                name: localized(tx, value, endpoint, by_path=by_path)
                for name, value in given.items()
            }

        return await self._store.transact(localize) if given else given

    async def _names(self, account: str, region: str) -> tuple[str, ...]:
        return await self._store.transact(lambda tx: self._addresses.names_of(tx, account, region))

    async def _issue(self, reference: Reference, role: str, now: int) -> Credentials:
        # A role of another account (a placeholder, mostly) must not send the function's calls there.
        arn = find_arn(role)
        if arn is not None and arn.account != reference.account:
            role = str(replace(arn, account=reference.account))
        seconds = self._limits.credentials_seconds

        def issue(tx: Tx) -> Credentials:
            made = self._credentials.issue(tx, role, reference.name, now, seconds)
            return Credentials(made.access_key, made.secret_key, made.session_token)

        return await self._store.transact(issue)

    def doubt_addresses(self) -> None:
        """Look at the variables of functions again before they run next: their addresses may mean something else."""
        self._addresses_changed += 1

    def forget(self, account: str, region: str, name: str) -> None:
        """Drop what is kept of a function."""
        for key in [key for key in self._kept if key[:3] == (account, region, name)]:
            del self._kept[key]
