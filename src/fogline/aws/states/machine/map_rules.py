"""What a Map adds: its processor, and what only the distributed mode knows ("Map state in Distributed mode")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.states.machine.diagnostic import Code
from fogline.aws.states.machine.integrations import is_reader, is_writer
from fogline.aws.states.machine.limits import BATCH_BYTES_MAX, LABEL_CHARS_MAX, READER_ITEMS_MAX
from fogline.aws.states.machine.resources import NotAResource, parse_resource
from fogline.aws.states.machine.shapes import Shape
from fogline.aws.states.machine.values import (
    Setting,
    integer,
    list_of,
    one_of,
    reference,
    template,
    text,
    words,
)

DISTRIBUTED_FIELDS = ("ItemReader", "ItemBatcher", "ResultWriter", "Label")
"""What an inline Map may not have. How many failures are tolerated it may say (recorded: test_base_map)."""

_READER_CONFIG = Shape(
    fields={
        "InputType": one_of("CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"),
        "CSVDelimiter": one_of("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"),
        "CSVHeaderLocation": one_of("FIRST_ROW", "GIVEN"),
        "CSVHeaders": list_of(text),
        "ItemsPointer": text,
        "ManifestType": one_of("ATHENA_DATA", "S3_INVENTORY"),
        "MaxItems": integer(0, READER_ITEMS_MAX),
        "MaxItemsPath": reference,
        "Transformation": one_of("NONE", "LOAD_AND_FLATTEN"),
    },
    at_most_one=(("MaxItems", "MaxItemsPath"),),
)
_WRITER_CONFIG = Shape(
    fields={
        "OutputType": one_of("JSON", "JSONL"),
        "Transformation": one_of("NONE", "COMPACT", "FLATTEN"),
    }
)


def _reader_resource(setting: Setting, value: Any, location: str) -> None:
    _object_action(setting, value, location, is_wanted=is_reader)


def _writer_resource(setting: Setting, value: Any, location: str) -> None:
    _object_action(setting, value, location, is_wanted=is_writer)


def _object_action(setting: Setting, value: Any, location: str, *, is_wanted: Any) -> None:
    if not isinstance(value, str):
        text(setting, value, location)
        return
    try:
        wanted = is_wanted(parse_resource(value))
    except NotAResource:
        wanted = False
    if not wanted:
        setting.findings.schema("Value is not a valid resource ARN", location)


item_reader = Shape(
    fields={
        "Resource": _reader_resource,
        "Parameters": template,
        "Arguments": template,
        "ReaderConfig": _READER_CONFIG,
    },
    required=("Resource",),
)
item_batcher = Shape(
    fields={
        "BatchInput": template,
        "MaxItemsPerBatch": integer(0),
        "MaxItemsPerBatchPath": reference,
        "MaxInputBytesPerBatch": integer(0, BATCH_BYTES_MAX),
        "MaxInputBytesPerBatchPath": reference,
    },
    at_most_one=(
        ("MaxItemsPerBatch", "MaxItemsPerBatchPath"),
        ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
    ),
)
result_writer = Shape(
    fields={
        "Resource": _writer_resource,
        "Parameters": template,
        "Arguments": template,
        "WriterConfig": _WRITER_CONFIG,
    }
)
processor_config = Shape(
    fields={
        "Mode": one_of("INLINE", "DISTRIBUTED"),
        "ExecutionType": one_of("STANDARD", "EXPRESS"),
    }
)

_LABEL_REFUSED = frozenset(' \t\n?*<>{}[]:;,\\|^~$#%&`"')


def label(setting: Setting, value: Any, location: str) -> None:
    """Source: the field Label, with its table of characters that it cannot have."""
    if not isinstance(value, str):
        text(setting, value, location)
        return
    if not value or len(value) > LABEL_CHARS_MAX:
        message = f"Label must have 1 to {LABEL_CHARS_MAX} characters"
        setting.findings.add(Code.INVALID_LABEL_NAME, message, location)
    elif any(_is_refused(char) for char in value):
        message = f"Label contains an invalid character: {value!r}"
        setting.findings.add(Code.INVALID_LABEL_NAME, message, location)


def _is_refused(char: str) -> bool:
    return char in _LABEL_REFUSED or ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0


def items(setting: Setting, value: Any, location: str) -> None:
    """Items: an array, an object, or an expression that gives one."""
    if isinstance(value, str):
        words(setting, value, location)
    elif isinstance(value, (list, dict)):
        template(setting, value, location)
    else:
        setting.findings.schema("Expected value of type Array", location)


def check_mode(setting: Setting, state: Mapping[str, Any], location: str) -> None:
    """What the processor's mode allows the Map, and the machine it stands in allows the mode."""
    config = _config(state)
    if config.get("Mode") == "DISTRIBUTED":
        if "ExecutionType" not in config:
            place = f"{location}/ItemProcessor/ProcessorConfig"
            setting.findings.schema("These fields are required: [ExecutionType]", place)
        if setting.is_express:
            message = "Express state machine does not support Map state with 'DISTRIBUTED' mode"
            setting.findings.schema(message, location)
        return
    if "ExecutionType" in config:
        message = "Field 'ExecutionType' is not supported"
        setting.findings.schema(message, f"{location}/ItemProcessor/ProcessorConfig")
    for name in DISTRIBUTED_FIELDS:
        if name in state:
            message = f"Field '{name}' is only supported for Map states in 'DISTRIBUTED' mode"
            setting.findings.schema(message, location)


def runs_express(setting: Setting, state: Mapping[str, Any]) -> bool:
    """Whether the states of the processor are run as an Express machine."""
    config = _config(state)
    if config.get("Mode") == "DISTRIBUTED":
        return config.get("ExecutionType") == "EXPRESS"
    return setting.is_express


def _config(state: Mapping[str, Any]) -> Mapping[str, Any]:
    processor = state.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    return config if isinstance(config, dict) else {}
