"""Names: the models' names as the SDK for Java writes them."""

from __future__ import annotations

import pytest

from fogline.services.stepfunctions.tasks.names import capitalised, exception_name, pascal_case


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ("executionArn", "ExecutionArn"),
        ("ETag", "ETag"),
        ("ChecksumCRC32", "ChecksumCrc32"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("MD5OfMessageBody", "Md5OfMessageBody"),
        ("CodeSha256", "CodeSha256"),
        ("S", "S"),
        ("BOOL", "Bool"),
        ("DynamoDB", "DynamoDb"),
        ("CloudWatch Logs", "CloudWatchLogs"),
        ("SFN", "Sfn"),
        ("S3", "S3"),
        ("EventBridge", "EventBridge"),
    ],
)
def test_words_have_one_capital(model: str, shown: str) -> None:
    assert pascal_case(model) == shown


def test_tuned_integrations_only_begin_with_a_capital() -> None:
    assert capitalised("executionArn") == "ExecutionArn"
    assert capitalised("MD5OfMessageBody") == "MD5OfMessageBody"


@pytest.mark.parametrize(
    ("shape", "thrown"),
    [
        ("NoSuchKey", "NoSuchKeyException"),
        ("ResourceNotFoundException", "ResourceNotFoundException"),
        ("TableInUseFault", "TableInUseException"),
        ("InvalidToken", "InvalidTokenException"),
    ],
)
def test_exceptions_are_called_exceptions(shape: str, thrown: str) -> None:
    assert exception_name(shape) == thrown
