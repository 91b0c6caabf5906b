"""Platform applications and their endpoints: what SNS keeps of apps, and of the devices they run on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from fogline.aws.arn import find_arn, make_arn
from fogline.store.documents import Documents
from fogline.store.store import Store, Tx

APPLICATION, ENDPOINT = "app", "endpoint"


@dataclass(frozen=True, slots=True)
class Application:
    """An app on a push platform. `attributes` are what was set, credentials among them."""

    account: str
    region: str
    platform: str
    name: str
    attributes: Mapping[str, str]

    @property
    def arn(self) -> str:
        return make_arn(
            "sns", self.region, self.account, f"{APPLICATION}/{self.platform}/{self.name}"
        )

    @property
    def is_enabled(self) -> bool:
        return self.attributes.get("Enabled", "true") == "true"


@dataclass(frozen=True, slots=True)
class Device:
    """A platform endpoint: one app on one device. `attributes` hold `Enabled`, `Token` and `CustomUserData`."""

    application: Application
    id: str
    attributes: Mapping[str, str]

    @property
    def arn(self) -> str:
        application = self.application
        resource = f"{ENDPOINT}/{application.platform}/{application.name}/{self.id}"
        return make_arn("sns", application.region, application.account, resource)

    @property
    def token(self) -> str:
        return self.attributes["Token"]

    @property
    def is_enabled(self) -> bool:
        return self.attributes["Enabled"] == "true"


class Devices:
    """Reads and writes of applications and endpoints."""

    def __init__(self, store: Store) -> None:
        self._applications = Documents(store, "sns.platform_application")
        self._endpoints = Documents(store, "sns.platform_endpoint")
        self._tokens = Documents(store, "sns.platform_token")

    # ---- applications

    def find_application(self, tx: Tx, arn: str) -> Application | None:
        """The application of that ARN."""
        parts = find_arn(arn)
        words = parts.resource.split("/") if parts else []
        if parts is None or len(words) != 3 or words[0] != APPLICATION:
            return None
        return self._application(tx, parts.account, parts.region, words[1], words[2])

    def _application(
        self, tx: Tx, account: str, region: str, platform: str, name: str
    ) -> Application | None:
        document = self._applications.find(tx, account, region, f"{platform}/{name}")
        if document is None:
            return None
        return Application(account, region, platform, name, document["attributes"])

    def save_application(self, tx: Tx, application: Application) -> None:
        self._applications.save(
            tx,
            application.account,
            application.region,
            f"{application.platform}/{application.name}",
            {"attributes": dict(application.attributes)},
        )

    def remove_application(self, tx: Tx, application: Application) -> None:
        """Remove it with all its endpoints."""
        account, region = application.account, application.region
        front = f"{application.platform}/{application.name}"
        for documents in (self._endpoints, self._tokens):
            for name, _ in documents.page(tx, account, region, prefix=f"{front}/"):
                documents.remove(tx, account, region, name)
        self._applications.remove(tx, account, region, front)

    def list_applications(
        self, tx: Tx, account: str, region: str, after: str, limit: int
    ) -> list[Application]:
        found = []
        for path, document in self._applications.page(
            tx, account, region, after=after, limit=limit
        ):
            platform, _, name = path.partition("/")
            found.append(Application(account, region, platform, name, document["attributes"]))
        return found

    # ---- endpoints

    def find_device(self, tx: Tx, arn: str) -> Device | None:
        """The endpoint of that ARN."""
        parts = find_arn(arn)
        words = parts.resource.split("/") if parts else []
        if parts is None or len(words) != 4 or words[0] != ENDPOINT:
            return None
        application = self._application(tx, parts.account, parts.region, words[1], words[2])
        return self._device(tx, application, words[3]) if application else None

    def find_by_token(self, tx: Tx, application: Application, token: str) -> Device | None:
        """The endpoint of an application that has that token."""
        found = self._tokens.find(
            tx, application.account, application.region, _token_name(application, token)
        )
        return self._device(tx, application, found["id"]) if found else None

    def _device(self, tx: Tx, application: Application, id: str) -> Device | None:
        document = self._endpoints.find(
            tx, application.account, application.region, _device_name(application, id)
        )
        return Device(application, id, document["attributes"]) if document else None

    def save_device(self, tx: Tx, device: Device) -> None:
        application = device.application
        account, region = application.account, application.region
        before = self._device(tx, application, device.id)
        if before is not None and before.token != device.token:
            self._tokens.remove(tx, account, region, _token_name(application, before.token))
        name = _device_name(application, device.id)
        self._endpoints.save(tx, account, region, name, {"attributes": dict(device.attributes)})
        token = _token_name(application, device.token)
        self._tokens.save(tx, account, region, token, {"id": device.id})

    def remove_device(self, tx: Tx, device: Device) -> None:
        application = device.application
        account, region = application.account, application.region
        self._tokens.remove(tx, account, region, _token_name(application, device.token))
        self._endpoints.remove(tx, account, region, _device_name(application, device.id))

    def list_devices(
        self, tx: Tx, application: Application, after: str, limit: int
    ) -> list[Device]:
        """The endpoints of an application, past the one with id `after`."""
        front = f"{application.platform}/{application.name}/"
        return [
            Device(application, name.removeprefix(front), document["attributes"])
            for name, document in self._endpoints.page(
                tx,
                application.account,
                application.region,
                prefix=front,
                after=f"{front}{after}" if after else "",
                limit=limit,
            )
        ]


def _device_name(application: Application, id: str) -> str:
    return f"{application.platform}/{application.name}/{id}"


def _token_name(application: Application, token: str) -> str:
    # Tokens may be longer than what an index takes.
    digest = hashlib.sha256(token.encode()).hexdigest()
    return f"{application.platform}/{application.name}/{digest}"
