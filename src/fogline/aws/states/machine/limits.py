"""The bounds of a definition: AWS's published numbers, and our own where AWS publishes none."""

from __future__ import annotations

DEFINITION_BYTES_MAX = 1_048_576
"""Published with CreateStateMachine: the definition is at most 1 MB."""
STATE_NAME_CHARS_MAX = 80
"""The specification, "States": a name has at most 80 characters."""
LABEL_CHARS_MAX = 40
"""The developer guide, "Map state in Distributed mode": the Label field."""
VARIABLE_NAME_CHARS_MAX = 80
"""The developer guide, "Passing data between states with variables"."""
JSON_DEPTH_MAX = 128
"""How deep the JSON of a definition may nest. AWS has a limit of its own that it does not publish."""
STATES_DEPTH_MAX = 16
"""How many machines may stand inside each other (branches, processors); AWS's number is not published."""
DIAGNOSTICS_MAX = 100
"""The most that ValidateStateMachineDefinition answers."""
SECONDS_MAX = 99_999_999
"""The developer guide: timeouts, heartbeats, waits, retry intervals and attempts."""
DELAY_SECONDS_MAX = 31_622_400
"""The developer guide, "Retrier": MaxDelaySeconds is at most a year (of 366 days)."""
READER_ITEMS_MAX = 100_000_000
"""ItemReader: MaxItems."""
BATCH_BYTES_MAX = 262_144
"""ItemBatcher: MaxInputBytesPerBatch."""
