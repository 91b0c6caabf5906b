"""Which messages of a batch a function reports as failed, and what AWS makes of malformed answers."""

from __future__ import annotations

import pytest

from fogline.aws.batch_failures import failed_items

BATCH = ("a", "b")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b'""',
        b"{}",
        b'{"batchItemFailures": null}',
        b'{"batchItemFailures": []}',
        b'{"other": 1}',
    ],
)
def test_saying_nothing_means_that_all_went_well(answer: bytes) -> None:
    assert failed_items(answer, BATCH) == set()


def test_reported_items_failed_and_no_others() -> None:
    answer = b'{"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "b"}]}'
    assert failed_items(answer, BATCH) == {"b"}


@pytest.mark.parametrize(
    "answer",
    [
        b'{"batchItemFailures": [{"itemIdentifier": ""}]}',
        b'{"batchItemFailures": [{"itemIdentifier": null}]}',
        b'{"batchItemFailures": [{"itemIdentifier": 1}]}',
        b'{"batchItemFailures": [{"wrongKey": "a"}]}',
        b'{"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "stranger"}]}',
        b'{"batchItemFailures": ["a"]}',
        b'{"batchItemFailures": "a"}',
        b'"text"',
        b"[1]",
        b"{broken",
    ],
)
def test_an_answer_that_makes_no_sense_fails_the_whole_batch(answer: bytes) -> None:
    assert failed_items(answer, BATCH) is None
