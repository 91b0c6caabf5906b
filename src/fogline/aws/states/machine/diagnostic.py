"""What is wrong with a definition, in AWS's codes and words, and the refusal made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from fogline.aws.states.machine.limits import DIAGNOSTICS_MAX


class Severity(StrEnum):
    ERROR = "ERROR"
    WARNING = "WARNING"


class Code(StrEnum):
    """The codes that ValidateStateMachineDefinition documents, and the three that AWS answers besides."""

    INVALID_JSON_DESCRIPTION = "INVALID_JSON_DESCRIPTION"
    SCHEMA_VALIDATION_FAILED = "SCHEMA_VALIDATION_FAILED"
    MISSING_END_STATE = "MISSING_END_STATE"
    MISSING_TRANSITION_TARGET = "MISSING_TRANSITION_TARGET"
    DUPLICATE_STATE_NAME = "DUPLICATE_STATE_NAME"
    INVALID_STATE_NAME = "INVALID_STATE_NAME"
    DUPLICATE_LABEL_NAME = "DUPLICATE_LABEL_NAME"
    INVALID_LABEL_NAME = "INVALID_LABEL_NAME"
    TOO_DEEPLY_NESTED = "TOO_DEEPLY_NESTED"
    INVALID_JSONATA_EXPRESSION = "INVALID_JSONATA_EXPRESSION"
    UNSUPPORTED_JSONATA_EXPRESSION = "UNSUPPORTED_JSONATA_EXPRESSION"
    NO_DOLLAR = "NO_DOLLAR"
    NO_PATH = "NO_PATH"
    PASS_RESULT_IS_STATIC = "PASS_RESULT_IS_STATIC"  # noqa: S105 - the name of a warning


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. A location is a path of names and `[indexes]`, as in `/States/Pay/Retry[0]/ErrorEquals`."""

    severity: Severity
    code: str
    message: str
    location: str | None = None

    def __str__(self) -> str:
        # AWS prints the absent location as its language does (measured: MISSING_END_STATE ... at null).
        return f"{self.code}: {self.message} at {self.location or 'null'}"


@dataclass(slots=True)
class Findings:
    """Collects diagnostics, one more than can be answered, so that the answer knows it was cut."""

    found: list[Diagnostic] = field(default_factory=list)

    def add(self, code: Code, message: str, location: str | None) -> None:
        self._add(Diagnostic(Severity.ERROR, code.value, message, location))

    def schema(self, message: str, location: str) -> None:
        self.add(Code.SCHEMA_VALIDATION_FAILED, message, location or "/")

    def warn(self, code: Code, message: str, location: str) -> None:
        self._add(Diagnostic(Severity.WARNING, code.value, message, location))

    @property
    def has_errors(self) -> bool:
        return any(one.severity is Severity.ERROR for one in self.found)

    def _add(self, diagnostic: Diagnostic) -> None:
        # A warning never takes the place of an error that comes later.
        same = sum(one.severity is diagnostic.severity for one in self.found)
        if same <= DIAGNOSTICS_MAX:
            self.found.append(diagnostic)


class DefinitionRefused(ValueError):
    """A definition that AWS would not take; the text is the message of InvalidDefinition."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        errors = [one for one in diagnostics if one.severity is Severity.ERROR]
        listed = ", ".join(str(one) for one in errors[:DIAGNOSTICS_MAX])
        super().__init__(f"Invalid State Machine Definition: '{listed}'")
