"""The environment that leads AWS's tools and SDKs to the running server."""

from __future__ import annotations

from collections.abc import Mapping

from fogline.cli.client import Client

_IN_THE_WAY = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
               "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_ROLE_ARN",
               "AWS_WEB_IDENTITY_TOKEN_FILE")  # fmt: skip


def sdk_variables(client: Client) -> dict[str, str]:
    """What SDKs read. The account is the access key: that is how the server knows whose call it is."""
    return {
        "AWS_ENDPOINT_URL": client.endpoint,
        # `sync-` (StartSyncExecution) before the name of this machine is a name that nobody knows.
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_ACCESS_KEY_ID": client.account,
        "AWS_SECRET_ACCESS_KEY": "fogline",
        "AWS_REGION": client.region,
        "AWS_DEFAULT_REGION": client.region,
        "FOGLINE_ENDPOINT": client.endpoint,
    }


def is_tls(client: Client) -> bool:
    """True where the server gives out addresses of https."""
    return client.endpoint.startswith("https:")


def tls_variables(client: Client) -> dict[str, str]:
    """What SDKs and HTTP clients read to trust the server's certificates, beside those they trust anyway."""
    from fogline.workers.variables import trust_variables

    page = client.page("GET", "/_fogline/tls")
    bundle = page["bundle_file"]
    return trust_variables(page["certificate_file"], bundle) | {"CURL_CA_BUNDLE": bundle}


def in_the_way(environment: Mapping[str, str]) -> list[str]:
    """Variables that would lead SDKs elsewhere."""
    return sorted(
        name for name in environment if name in _IN_THE_WAY or name.startswith("AWS_ENDPOINT_URL_")
    )


def environment_for(client: Client, environment: Mapping[str, str]) -> dict[str, str]:
    """The whole environment for a program that shall talk to the server."""
    hindering = set(in_the_way(environment))
    kept = {name: value for name, value in environment.items() if name not in hindering}
    trusting = tls_variables(client) if is_tls(client) else {}
    return kept | sdk_variables(client) | trusting
