"""Policy documents: read once, then asked what they say of each request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from fogline.aws.policy.conditions import Condition, filled, holds, read_conditions
from fogline.aws.policy.likeness import is_like
from fogline.aws.policy.principals import Principals, names_caller, read_principals
from fogline.aws.policy.requests import Keys, Request
from fogline.aws.policy.statements import listed

_STATEMENTS_MAX = 1_000


class Decision(Enum):
    ALLOWED = "allowed"
    DENIED = "denied"
    """By a statement that says so."""
    NOT_ALLOWED = "not allowed"


class InvalidPolicy(ValueError):
    """The document is no policy."""


@dataclass(frozen=True, slots=True)
class _Patterns:
    texts: tuple[str, ...]
    is_meant: bool
    """False for `NotAction` and `NotResource`: all but these."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `principals` is None in policies of identities, where the one who has it is meant."""

    is_denial: bool
    actions: _Patterns
    resources: _Patterns | None
    principals: Principals | None
    names_principals: bool
    conditions: tuple[Condition, ...]

    def applies(self, request: Request) -> bool:
        actions = self.actions
        action = request.action.lower()
        if actions.is_meant != any(is_like(each, action) for each in actions.texts):
            return False
        resources, keys = self.resources, request.keys
        if resources is not None and resources.is_meant != any(
            is_like(_resource(each, keys), request.resource) for each in resources.texts
        ):
            return False
        principals = self.principals
        if principals is not None and self.names_principals != names_caller(
            principals, request.caller
        ):
            return False
        return all(holds(condition, keys) for condition in self.conditions)


def _resource(pattern: str, keys: Keys) -> str:
    return filled(pattern, keys) if "${" in pattern else pattern


@dataclass(frozen=True, slots=True)
class Policy:
    statements: tuple[Statement, ...]

    def decide(self, request: Request) -> Decision:
        """What the statements that apply say together: one denial outweighs all else."""
        decision = Decision.NOT_ALLOWED
        for statement in self.statements:
            if decision is Decision.ALLOWED and not statement.is_denial:
                continue
            if statement.applies(request):
                if statement.is_denial:
                    return Decision.DENIED
                decision = Decision.ALLOWED
        return decision

    def first_value(self, key: str) -> str | None:
        """The first value that any statement compares that condition key (in lower case) with."""
        for statement in self.statements:
            for condition in statement.conditions:
                if condition.key == key and condition.test is not None and condition.values:
                    return condition.values[0]
        return None


def read_policy(document: Any, *, is_of_resource: bool = False) -> Policy:
    """The policy. Those of resources name principals, and need not name the resource. Raises InvalidPolicy."""
    if not isinstance(document, Mapping):
        raise InvalidPolicy("the policy is no object")
    statements = listed(document.get("Statement"))
    return Policy(
        tuple(
            _statement(each, is_of_resource=is_of_resource) for each in statements[:_STATEMENTS_MAX]
        )
    )


def _statement(given: Any, *, is_of_resource: bool) -> Statement:
    if not isinstance(given, Mapping) or given.get("Effect") not in ("Allow", "Deny"):
        raise InvalidPolicy("a statement has no effect")
    actions = _patterns(given, "Action", is_folded=True)
    if actions is None:
        raise InvalidPolicy("a statement has no Action")
    resources = _patterns(given, "Resource")
    if resources is None and not is_of_resource:
        raise InvalidPolicy("a statement has no Resource")
    principals, names_principals = None, True
    if is_of_resource:
        names_principals = "Principal" in given
        principals = read_principals(given.get("Principal" if names_principals else "NotPrincipal"))
        if principals is None:
            raise InvalidPolicy("a statement has no valid Principal")
    try:
        conditions = read_conditions({} if given.get("Condition") is None else given["Condition"])
    except ValueError as invalid:
        raise InvalidPolicy(str(invalid)) from None
    return Statement(
        given["Effect"] == "Deny", actions, resources, principals, names_principals, conditions
    )


def _patterns(
    given: Mapping[str, Any], member: str, *, is_folded: bool = False
) -> _Patterns | None:
    for name, is_meant in ((member, True), (f"Not{member}", False)):
        if name in given:
            texts = listed(given[name])
            if not all(isinstance(each, str) for each in texts):
                raise InvalidPolicy(f"{name} is no text")
            return _Patterns(tuple(each.lower() if is_folded else each for each in texts), is_meant)
    return None
