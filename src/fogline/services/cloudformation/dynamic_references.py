"""Dynamic references: `{{resolve:...}}` in values, replaced by parameters and secrets when they are used."""

from __future__ import annotations

import json
import re
from typing import Any, Protocol

from fogline.services.cloudformation.errors import ValidationError


class Lookup(Protocol):
    """Where values outside the template are found."""

    def parameter(self, name: str, *, decrypt: bool = False) -> str | None:
        """A parameter of Systems Manager (`name` or `name:version`), None if there is none."""

    def secret(self, secret_id: str, stage: str, version_id: str) -> str | None:
        """The SecretString of a secret, None if there is none."""


_DYNAMIC = re.compile(r"\{\{resolve:([a-z-]+):([^{}]*)\}\}")


def has_dynamic(value: Any) -> bool:
    """True if a dynamic reference stands anywhere in `value`."""
    if isinstance(value, str):
        return "{{resolve:" in value
    if isinstance(value, dict):
        return any(has_dynamic(item) for item in value.values())
    return isinstance(value, list) and any(has_dynamic(item) for item in value)


def resolve_dynamic(value: Any, lookup: Lookup) -> Any:
    """`value` with `{{resolve:ssm:...}}`, `ssm-secure` and `secretsmanager` replaced.

    What a reference gives is not looked at again.
    """
    if isinstance(value, str):
        if "{{resolve:" not in value:
            return value
        return _DYNAMIC.sub(lambda match: _dynamic(match, lookup), value)
    if isinstance(value, dict):
        return {key: resolve_dynamic(item, lookup) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve_dynamic(item, lookup) for item in value]
    return value


def _dynamic(match: re.Match[str], lookup: Lookup) -> str:
    service, rest = match.groups()
    if service in ("ssm", "ssm-secure"):
        found = lookup.parameter(rest, decrypt=service == "ssm-secure")
        if found is None:
            raise ValidationError(f"Parameters: [{service}:{rest}] cannot be found.")
        return found
    if service == "secretsmanager":
        return _secret(rest, lookup)
    raise ValidationError(f"Dynamic Reference for {service} is not supported.")


def _secret(rest: str, lookup: Lookup) -> str:
    parts = rest.split(":")
    # An ARN holds six colons of its own.
    cut = 7 if parts[0] == "arn" else 1
    secret_id = ":".join(parts[:cut])
    options = [*parts[cut:], "", "", "", ""]
    kind, key, stage, version = options[:4]
    if kind not in ("", "SecretString"):
        raise ValidationError(
            "Incorrect format is used in the following SecretsManager dynamic reference: "
            f"[{{{{resolve:secretsmanager:{rest}}}}}]"
        )
    found = lookup.secret(secret_id, stage, version)
    if found is None:
        raise ValidationError(f"Could not find a value associated with secret [{secret_id}]")
    if not key:
        return found
    try:
        document = json.loads(found)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ValidationError(f"Could not parse SecretString JSON for secret [{secret_id}]")
    if key not in document:
        raise ValidationError("Could not find a value associated with JSONKey in SecretString")
    chosen = document[key]
    return chosen if isinstance(chosen, str) else json.dumps(chosen, separators=(",", ":"))
