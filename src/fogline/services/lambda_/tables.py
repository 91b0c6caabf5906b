"""Every row Lambda keeps, and the only file that knows how.

All of it is control plane: documents. A function's document holds its `$LATEST`; what is published,
and what hangs on a qualifier, is a document named `<function>:<qualifier>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.services.lambda_.names import LATEST, Reference
from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx

FUNCTIONS_TOPIC = "lambda-functions"
"""Stirs, followed by account, region and name, when a function changes or goes."""
MAPPINGS_TOPIC = "lambda-mappings"
"""Stirs when a mapping, or what it stands on, changes."""

_VERSION_DIGITS = 10


class Tables:
    """Lambda's documents by kind."""

    def __init__(self, store: Store) -> None:
        self.functions = Documents(store, "lambda-functions")
        self.versions = Documents(store, "lambda-versions")
        self.aliases = Documents(store, "lambda-aliases")
        self.policies = Documents(store, "lambda-policies")
        self.invoke_configs = Documents(store, "lambda-invoke-configs")
        self.urls = Documents(store, "lambda-urls")
        self.url_hosts = Documents(store, "lambda-url-hosts")
        self.provisioned = Documents(store, "lambda-provisioned")
        self.layers = Documents(store, "lambda-layers")
        self.layer_versions = Documents(store, "lambda-layer-versions")
        self.mappings = Documents(store, "lambda-mappings")

    # ---- functions

    def find_function(self, tx: Tx, account: str, region: str, name: str) -> Document | None:
        return self.functions.find(tx, account, region, name)

    def save_function(
        self, tx: Tx, account: str, region: str, name: str, document: Mapping[str, Any]
    ) -> None:
        self.functions.save(tx, account, region, name, document)
        tx.stir(f"{FUNCTIONS_TOPIC}:{account}:{region}:{name}")

    def find_version(self, tx: Tx, reference: Reference, version: str) -> Document | None:
        """The configuration of one version, `$LATEST` or a number."""
        if version == LATEST:
            function = self.find_function(tx, reference.account, reference.region, reference.name)
            return function["latest"] if function else None
        return self.versions.find(
            tx, reference.account, reference.region, version_key(reference.name, version)
        )

    def list_versions(self, tx: Tx, reference: Reference) -> list[Document]:
        """The published versions, in order."""
        found = self.versions.page(
            tx, reference.account, reference.region, prefix=f"{reference.name}:"
        )
        return [document for _, document in found]

    def remove_function(self, tx: Tx, reference: Reference) -> None:
        """Remove a function and all that hangs on it."""
        account, region, name = reference.account, reference.region, reference.name
        self.functions.remove(tx, account, region, name)
        for key, _ in self.urls.page(tx, account, region, prefix=f"{name}:"):
            self.remove_url(tx, account, region, key)
        for kind in (
            self.versions,
            self.aliases,
            self.policies,
            self.invoke_configs,
            self.provisioned,
        ):
            for key, _ in kind.page(tx, account, region, prefix=f"{name}:"):
                kind.remove(tx, account, region, key)
        tx.stir(f"{FUNCTIONS_TOPIC}:{account}:{region}:{name}")

    def remove_version(self, tx: Tx, reference: Reference, version: str) -> bool:
        account, region = reference.account, reference.region
        is_gone = self.versions.remove(tx, account, region, version_key(reference.name, version))
        for kind in (self.policies, self.invoke_configs, self.provisioned):
            kind.remove(tx, account, region, f"{reference.name}:{version}")
        tx.stir(f"{FUNCTIONS_TOPIC}:{account}:{region}:{reference.name}")
        return is_gone

    # ---- what hangs on a function and a qualifier

    def remove_url(self, tx: Tx, account: str, region: str, key: str) -> bool:
        """Remove a function URL and the host that it answers; False if there was none."""
        url = self.urls.find(tx, account, region, key)
        if url is None:
            return False
        self.url_hosts.remove(tx, "", "", url["id"])
        return self.urls.remove(tx, account, region, key)

    def find_alias(self, tx: Tx, reference: Reference, alias: str) -> Document | None:
        return self.aliases.find(
            tx, reference.account, reference.region, f"{reference.name}:{alias}"
        )

    def list_aliases(self, tx: Tx, reference: Reference) -> list[Document]:
        found = self.aliases.page(
            tx, reference.account, reference.region, prefix=f"{reference.name}:"
        )
        return [document for _, document in found]


def version_key(name: str, version: str) -> str:
    """Version numbers are padded, so that the order of names is the order of versions."""
    return f"{name}:{version.zfill(_VERSION_DIGITS)}"


def qualified_key(reference: Reference) -> str:
    """What hangs on a qualifier is kept under `<name>:<qualifier>`, `$LATEST` for none."""
    return f"{reference.name}:{reference.qualifier or LATEST}"
