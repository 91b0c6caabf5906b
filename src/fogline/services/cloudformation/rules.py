"""Rules: what the values of parameters must be to each other before a stack is created or updated.

The functions of this section are its own: of those that values know, only `Ref` may stand here. `Fn::RefAll`,
`Fn::ValueOf` and `Fn::ValueOfAll` ask EC2 and Route 53 what there is in the account, so they are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fogline.ports.resources import text as as_text
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.intrinsics import Scope, evaluate

_LOOKUPS = ("Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll")


def check_rules(section: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """Raises ValidationError unless the section is well formed and only asks what can be answered."""
    for name, rule in section.items():
        if not isinstance(rule, dict):
            raise ValidationError("Template format error: Any Rules member must be an object.")
        for key in rule:
            if key not in ("RuleCondition", "Assertions"):
                raise ValidationError(f"Invalid template rule property '{key}'")
        assertions = rule.get("Assertions")
        if not isinstance(assertions, list) or not assertions:
            raise ValidationError(
                f"Template format error: [/Rules/{name}] Every Rules object must contain an Assertions member."
            )
        for assertion in assertions:
            if not isinstance(assertion, dict) or "Assert" not in assertion:
                raise ValidationError(
                    f"Template format error: [/Rules/{name}/Assertions] Every Assertions object must contain an "
                    "Assert member."
                )
        for tested in [rule.get("RuleCondition", []), *(each["Assert"] for each in assertions)]:
            _check_functions(tested, parameters)


def _check_functions(value: Any, parameters: Mapping[str, Any]) -> None:
    if isinstance(value, list):
        for item in value:
            _check_functions(item, parameters)
    elif isinstance(value, dict):
        unknown = [name for name in value if name not in (*_FUNCTIONS, *_LOOKUPS, "Ref")]
        if unknown or len(value) != 1:
            raise ValidationError(
                "Template format error: Following functions are not supported in the Rules block of the template: "
                f"[{', '.join(unknown)}]."
            )
        function, argument = next(iter(value.items()))
        if function in _LOOKUPS:
            raise ValidationError(
                f"Fogline does not support {function} in the Rules block: it asks for resources of EC2 or Route 53."
            )
        if function == "Ref":
            if not isinstance(argument, str) or (
                argument not in parameters and argument not in ("AWS::AccountId", "AWS::Region")
            ):
                raise ValidationError(
                    f"Template format error: Unresolved dependencies [{argument}]. Cannot reference resources in the "
                    "Rules block of the template"
                )
            return
        _check_functions(argument, parameters)


def hold_to_rules(section: Mapping[str, Any], scope: Scope) -> None:
    """Raises ValidationError with what the first broken rule says."""
    for name, rule in section.items():
        condition = rule.get("RuleCondition")
        if condition is not None and not _truth(condition, scope):
            continue
        for assertion in rule["Assertions"]:
            if not _truth(assertion["Assert"], scope):
                described = assertion.get("AssertDescription")
                raise ValidationError(
                    as_text(described)
                    if described
                    else f"An assertion of rule {name} does not hold."
                )


def _value(value: Any, scope: Scope) -> Any:
    if isinstance(value, dict):
        function, argument = next(iter(value.items()))
        return (
            evaluate(value, scope) if function == "Ref" else _FUNCTIONS[function](argument, scope)
        )
    if isinstance(value, list):
        return [_value(item, scope) for item in value]
    return as_text(value)


def _truth(value: Any, scope: Scope) -> bool:
    found = _value(value, scope)
    if isinstance(found, bool):
        return found
    if found in ("true", "false"):
        return bool(found == "true")
    raise ValidationError(
        "Template format error: Rule conditions and assertions must evaluate to true or false."
    )


def _parts(argument: Any, function: str, least: int, most: int) -> list[Any]:
    if not isinstance(argument, list) or not least <= len(argument) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise ValidationError(
            f"Template error: every {function} object requires a list of {wanted} parameters."
        )
    return argument


def _all_of(argument: Any, scope: Scope) -> bool:
    return all(_truth(part, scope) for part in _parts(argument, "Fn::And", 2, 10))


def _any_of(argument: Any, scope: Scope) -> bool:
    return any(_truth(part, scope) for part in _parts(argument, "Fn::Or", 2, 10))


def _not(argument: Any, scope: Scope) -> bool:
    return not _truth(_parts(argument, "Fn::Not", 1, 1)[0], scope)


def _equals(argument: Any, scope: Scope) -> bool:
    left, right = (_value(part, scope) for part in _parts(argument, "Fn::Equals", 2, 2))
    return bool(left == right)


def _contains(argument: Any, scope: Scope) -> bool:
    items, wanted = _parts(argument, "Fn::Contains", 2, 2)
    return _value(wanted, scope) in _members(items, "Fn::Contains", scope)


def _each_equals(argument: Any, scope: Scope) -> bool:
    items, wanted = _parts(argument, "Fn::EachMemberEquals", 2, 2)
    text = _value(wanted, scope)
    return all(item == text for item in _members(items, "Fn::EachMemberEquals", scope))


def _each_in(argument: Any, scope: Scope) -> bool:
    items, allowed = (
        _members(part, "Fn::EachMemberIn", scope)
        for part in _parts(argument, "Fn::EachMemberIn", 2, 2)
    )
    return all(item in allowed for item in items)


def _members(value: Any, function: str, scope: Scope) -> list[Any]:
    found = _value(value, scope)
    if not isinstance(found, list):
        raise ValidationError(f"Template error: {function} requires a list of strings.")
    # A list parameter without a value has one member, the empty text: a rule can ask for that.
    return found or [""]


_FUNCTIONS: dict[str, Callable[[Any, Scope], bool]] = {
    "Fn::And": _all_of,
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": _each_equals,
    "Fn::EachMemberIn": _each_in,
    "Fn::Equals": _equals,
    "Fn::Not": _not,
    "Fn::Or": _any_of,
}
