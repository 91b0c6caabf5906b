"""What DynamoDB refuses, by the names AWS gives."""

from __future__ import annotations

from fogline.aws.errors import AwsError, ValidationException

__all__ = [
    "ConditionalCheckFailedException",
    "DuplicateItemException",
    "ExpiredIteratorException",
    "IdempotentParameterMismatchException",
    "ItemCollectionSizeLimitExceededException",
    "LimitExceededException",
    "NoSuchTable",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "TableNotFoundException",
    "TransactionCanceledException",
    "TrimmedDataAccessException",
    "ValidationException",
    "invalid_parameters",
]


class ConditionalCheckFailedException(AwsError):
    """A condition did not hold."""

    message = "The conditional request failed"


class ResourceNotFoundException(AwsError):
    """No such table. Operations on items say no more than this; see `NoSuchTable`."""

    message = "Requested resource not found"


class NoSuchTable(ResourceNotFoundException):
    """The same refusal as operations on tables word it."""

    code = "ResourceNotFoundException"
    message = "Requested resource not found: Table: {name} not found"


class TableNotFoundException(AwsError):
    """No such table, in the words of operations on backups."""

    message = "Table not found: {name}"


class ResourceInUseException(AwsError):
    """The table is not in the state that the operation needs."""


class LimitExceededException(AwsError):
    """More of something than an account may have or do at a time."""


class TransactionCanceledException(AwsError):
    """At least one part of a transaction was refused, so none was done."""


class DuplicateItemException(AwsError):
    """An INSERT met an item with the same key."""

    message = "Duplicate primary key exists in table"


class ExpiredIteratorException(AwsError):
    """A shard iterator is used too late."""

    message = "The provided iterator has expired. Get a new one with GetShardIterator."


class TrimmedDataAccessException(AwsError):
    """What is asked for is older than a stream remembers."""

    message = "The sequence number is older than what the stream still holds."


class IdempotentParameterMismatchException(AwsError):
    """A client token came again with another request."""


class ItemCollectionSizeLimitExceededException(AwsError):
    """A partition of a table with local indexes would grow past its limit."""

    message = "Collection size exceeded."


def invalid_parameters(text: str) -> ValidationException:
    """The refusal in the form AWS gives most of them."""
    return ValidationException(f"One or more parameter values were invalid: {text}")
