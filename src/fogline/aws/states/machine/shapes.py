"""Objects of the language: which fields they have, which must be there, and which exclude each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fogline.aws.states.machine.model import QueryLanguage
from fogline.aws.states.machine.values import Check, Setting, mapping

JSONPATH_FIELDS = frozenset(
    {
        "InputPath",
        "Parameters",
        "ResultSelector",
        "ResultPath",
        "OutputPath",
        "Result",
        "ItemsPath",
        "SecondsPath",
        "TimestampPath",
        "ErrorPath",
        "CausePath",
        "TimeoutSecondsPath",
        "HeartbeatSecondsPath",
        "MaxConcurrencyPath",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentagePath",
        "MaxItemsPerBatchPath",
        "MaxInputBytesPerBatchPath",
        "MaxItemsPath",
        "Variable",
    }
)
"""Fields of the one language ("Transforming data with JSONata", the table of fields that it takes away)."""
JSONATA_FIELDS = frozenset({"Arguments", "Output", "Items", "Condition"})
"""Fields of the other (the same table)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What an object may be. `at_most_one` names fields that exclude each other, `exactly_one` besides demands one."""

    fields: Mapping[str, Check]
    required: tuple[str, ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()
    _needed: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_needed", frozenset(self.required))

    def __call__(self, setting: Setting, value: Any, location: str) -> None:
        if not isinstance(value, dict):
            mapping(setting, value, location)
            return
        self.check_names(setting, value, location)
        for name, member in value.items():
            check = self.fields.get(name)
            if check is not None and not is_foreign(name, setting.language):
                check(setting, member, f"{location}/{name}")

    def check_names(self, setting: Setting, value: Mapping[str, Any], location: str) -> None:
        """Only the names: what may not be there, and what is missing."""
        for name in value:
            if name not in self.fields:
                setting.findings.schema(f"Field '{name}' is not supported", location)
            elif is_foreign(name, setting.language):
                refuse_language(setting, name, location)
        if not self._needed <= value.keys():
            require(setting, self._needed - value.keys(), location)
        for group in (*self.exactly_one, *self.at_most_one):
            there = [name for name in group if name in value]
            if len(there) > 1:
                listed = ", ".join(in_hash_order(there))
                message = f"There should only be one of the following fields: [{listed}]"
                setting.findings.schema(message, location)
        for group in self.exactly_one:
            if not any(name in value for name in group):
                usable = [name for name in group if not is_foreign(name, setting.language)]
                listed = ", ".join(in_hash_order(usable))
                message = f"There should be one of the following fields: [{listed}]"
                setting.findings.schema(message, location)


def require(setting: Setting, names: Iterable[str], location: str) -> None:
    listed = ", ".join(in_hash_order(names))
    setting.findings.schema(f"These fields are required: [{listed}]", location)


def is_foreign(name: str, language: QueryLanguage) -> bool:
    """Whether only the other query language knows the field."""
    if language is QueryLanguage.JSONATA:
        return name in JSONPATH_FIELDS
    return name in JSONATA_FIELDS


def refuse_language(setting: Setting, name: str, location: str) -> None:
    other = QueryLanguage.JSONPATH if setting.is_jsonata else QueryLanguage.JSONATA
    setting.findings.schema(
        f"The QueryLanguage is set to '{setting.language}', but field '{name}' "
        f"is only supported for the '{other}' QueryLanguage",
        location,
    )


def in_hash_order(names: Iterable[str]) -> list[str]:
    """The names as AWS lists them: the order of a Java HashSet (recorded: `[States, StartAt]`)."""
    return sorted(names, key=lambda name: (_bucket(name), name))


def _bucket(name: str) -> int:
    code = 0
    for char in name:
        code = (31 * code + ord(char)) & 0xFFFFFFFF
    return (code ^ (code >> 16)) & 15
