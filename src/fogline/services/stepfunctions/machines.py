"""Every state machine, version, alias and activity that Step Functions keeps, and the only file that knows how.

A machine's document has its `type`, when it was `created`, its `tags`, its `revision` (what an execution is started
from), what the request said that made it (`asked`), and its `versions`: when each was created, of which revision.
Versions have documents of their own, each with the revision that it froze; so have aliases, with their routing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.services.stepfunctions.arns import MachineArn, find_machine_arn
from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx


@dataclass(frozen=True, slots=True)
class RunnableMachine:
    """What an execution is started from: a machine as it was when it was made or last updated, or a version of it."""

    arn: str
    """Of the machine, unqualified."""
    version_arn: str
    """"" when the machine itself was named."""
    alias_arn: str
    """"" unless an alias was named."""
    name: str
    type: str
    """STANDARD or EXPRESS."""
    definition: str
    role_arn: str
    revision_id: str
    logging: Mapping[str, Any]
    """The LoggingConfiguration, complete: level, includeExecutionData, destinations."""
    is_traced: bool
    updated_at: int = 0
    """When it was last changed: for a version, when it was published."""


class Machines:
    """Reads and writes of state machines and what belongs to them."""

    def __init__(self, store: Store) -> None:
        self.state_machines = Documents(store, "stepfunctions.machine")
        self._versions = Documents(store, "stepfunctions.version")
        self._aliases = Documents(store, "stepfunctions.alias")
        self.activities = Documents(store, "stepfunctions.activity")

    def find_runnable(self, tx: Tx, arn: str, chance: float) -> RunnableMachine | None:
        """What the ARN of a machine, a version or an alias names; `chance` (0 to 1) picks a version of an alias."""
        named = find_machine_arn(arn)
        if named is None:
            return None
        if not named.qualifier:
            machine = self.find(tx, named)
            return None if machine is None else _runnable(machine, named)
        if named.version is not None:
            version = self.find_version(tx, named)
            return None if version is None else _runnable(version, named, version=named)
        alias = self.find_alias(tx, named)
        if alias is None:
            return None
        chosen = named.qualified(choose_version(alias["routing"], chance))
        version = self.find_version(tx, chosen)
        return None if version is None else _runnable(version, named, version=chosen, alias=named)

    # ---- machines

    def find(self, tx: Tx, arn: MachineArn) -> Document | None:
        """The machine of that ARN, whatever qualifies it."""
        return self.state_machines.find(tx, arn.account, arn.region, arn.name)

    def save(self, tx: Tx, arn: MachineArn, machine: Mapping[str, Any]) -> None:
        self.state_machines.save(tx, arn.account, arn.region, arn.name, machine)

    def remove(self, tx: Tx, arn: MachineArn) -> None:
        """Remove the machine with all its versions and aliases."""
        machine = self.find(tx, arn)
        if machine is None:
            return
        for name, _ in self.aliases(tx, arn):
            self.remove_alias(tx, arn.qualified(name))
        for number in machine["versions"]:
            self._versions.remove(tx, arn.account, arn.region, f"{arn.name}:{number}")
        self.state_machines.remove(tx, arn.account, arn.region, arn.name)

    def page(
        self, tx: Tx, account: str, region: str, after: str, limit: int
    ) -> list[tuple[str, Document]]:
        return self.state_machines.page(tx, account, region, after=after, limit=limit)

    def count(self, tx: Tx, account: str, region: str) -> int:
        return self.state_machines.count(tx, account, region)

    # ---- versions

    def find_version(self, tx: Tx, arn: MachineArn) -> Document | None:
        return self._versions.find(tx, arn.account, arn.region, f"{arn.name}:{arn.qualifier}")

    def save_version(self, tx: Tx, arn: MachineArn, version: Mapping[str, Any]) -> None:
        self._versions.save(tx, arn.account, arn.region, f"{arn.name}:{arn.qualifier}", version)

    def remove_version(self, tx: Tx, arn: MachineArn) -> None:
        """Remove the version, and its line in the machine's document. Its number is never given again."""
        machine = self.find(tx, arn)
        if machine is None or arn.qualifier not in machine["versions"]:
            return
        kept = {
            number: one for number, one in machine["versions"].items() if number != arn.qualifier
        }
        self.save(tx, arn, {**machine, "versions": kept})
        self._versions.remove(tx, arn.account, arn.region, f"{arn.name}:{arn.qualifier}")

    # ---- aliases

    def find_alias(self, tx: Tx, arn: MachineArn) -> Document | None:
        return self._aliases.find(tx, arn.account, arn.region, f"{arn.name}:{arn.qualifier}")

    def save_alias(self, tx: Tx, arn: MachineArn, alias: Mapping[str, Any]) -> None:
        self._aliases.save(tx, arn.account, arn.region, f"{arn.name}:{arn.qualifier}", alias)

    def remove_alias(self, tx: Tx, arn: MachineArn) -> None:
        self._aliases.remove(tx, arn.account, arn.region, f"{arn.name}:{arn.qualifier}")

    def aliases(self, tx: Tx, arn: MachineArn) -> list[tuple[str, Document]]:
        """Names and documents of all aliases of a machine, in the order of their names."""
        prefix = f"{arn.name}:"
        return [
            (name.removeprefix(prefix), alias)
            for name, alias in self._aliases.page(tx, arn.account, arn.region, prefix=prefix)
        ]


def choose_version(routing: list[Mapping[str, int]], chance: float) -> int:
    """The version that gets an execution, by the weights (0 to 100, 100 in all) of an alias' one or two versions."""
    first = routing[0]
    if len(routing) == 1 or chance * 100 < first["weight"]:
        return first["version"]
    second = routing[1]
    return second["version"] if second["weight"] else first["version"]


def _runnable(
    document: Document,
    named: MachineArn,
    *,
    version: MachineArn | None = None,
    alias: MachineArn | None = None,
) -> RunnableMachine:
    revision = document["revision"]
    return RunnableMachine(
        arn=str(named.unqualified()),
        version_arn=str(version) if version else "",
        alias_arn=str(alias) if alias else "",
        name=named.name,
        type=document["type"],
        definition=revision["definition"],
        role_arn=revision["role_arn"],
        revision_id=revision["id"],
        logging=revision["logging"],
        is_traced=revision["is_traced"],
        updated_at=document.get("updated", document["created"]),
    )
