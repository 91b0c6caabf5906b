"""How a distributed Map fails as a whole. These causes stand alone in histories: no state is named before them.

Recorded: test_map_item_reader_csv_headers_decl_duplicate_headers (MapRunFailed, then ExecutionFailed with the same).
"""

from __future__ import annotations

from fogline.aws.states.failures import StateFailed

ITEM_READER_FAILED = "States.ItemReaderFailed"
RESULT_WRITER_FAILED = "States.ResultWriterFailed"
EXCEED_TOLERATED_FAILURE_THRESHOLD = "States.ExceedToleratedFailureThreshold"


class ItemReaderFailed(StateFailed):
    """The items could not be read."""

    def __init__(self, cause: str) -> None:
        super().__init__(ITEM_READER_FAILED, cause)


class ResultWriterFailed(StateFailed):
    """The results could not be written."""

    def __init__(self, cause: str) -> None:
        super().__init__(RESULT_WRITER_FAILED, cause)


class ToleranceExceeded(StateFailed):
    """More items have failed than the state tolerates."""

    def __init__(self) -> None:
        super().__init__(
            EXCEED_TOLERATED_FAILURE_THRESHOLD,
            "The specified tolerated failure threshold was exceeded",
        )
