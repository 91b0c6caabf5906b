"""Definitions of state machines: what is wrong with one, and what an engine runs.

`diagnose(text)` says what ValidateStateMachineDefinition says; `parse_machine(text)` gives the machine or raises
DefinitionRefused, whose text is the message of InvalidDefinition; `variable_references(machine)` is what
DescribeStateMachine lists. Of a text that was accepted before, `load_machine(text)` gives the machine without a check.
"""

from fogline.aws.states.machine.build import load_machine
from fogline.aws.states.machine.diagnosis import diagnose, diagnose_state, parse_machine
from fogline.aws.states.machine.diagnostic import Code, DefinitionRefused, Diagnostic, Severity
from fogline.aws.states.machine.json_text import InvalidJson, read_json
from fogline.aws.states.machine.model import (
    ABSENT,
    Catcher,
    ChoiceRule,
    ChoiceState,
    FailState,
    ItemBatcher,
    ItemReader,
    Machine,
    MapState,
    ParallelState,
    PassState,
    ProcessorMode,
    QueryLanguage,
    ResultWriter,
    Retrier,
    State,
    SucceedState,
    TaskState,
    WaitState,
    inner_machines,
)
from fogline.aws.states.machine.resources import (
    Kind,
    NotAResource,
    Pattern,
    Resource,
    parse_resource,
)
from fogline.aws.states.machine.variables import variable_references

__all__ = [
    "ABSENT",
    "Catcher",
    "ChoiceRule",
    "ChoiceState",
    "Code",
    "DefinitionRefused",
    "Diagnostic",
    "FailState",
    "InvalidJson",
    "ItemBatcher",
    "ItemReader",
    "Kind",
    "Machine",
    "MapState",
    "NotAResource",
    "ParallelState",
    "PassState",
    "Pattern",
    "ProcessorMode",
    "QueryLanguage",
    "Resource",
    "ResultWriter",
    "Retrier",
    "Severity",
    "State",
    "SucceedState",
    "TaskState",
    "WaitState",
    "diagnose",
    "diagnose_state",
    "inner_machines",
    "load_machine",
    "parse_machine",
    "parse_resource",
    "read_json",
    "variable_references",
]
