"""Universal targets: any API operation, `arn:aws:scheduler:::aws-sdk:service:apiAction`."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.aws.sdk_names import boto3_name

PREFIX = "arn:aws:scheduler:::aws-sdk:"

READ_ONLY = (
    "get",
    "describe",
    "list",
    "poll",
    "receive",
    "search",
    "scan",
    "query",
    "select",
    "read",
    "lookup",
    "discover",
    "validate",
    "batchGet",
    "batchDescribe",
    "batchRead",
    "transactGet",
    "adminGet",
    "adminList",
    "testMigration",
    "retrieve",
    "testConnection",
    "translateDocument",
    "isAuthorized",
    "isAuthorizedWithToken",
    "invokeModel",
)
"""What operations that AWS does not call begin with.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""


@dataclass(frozen=True, slots=True)
class ApiAction:
    """An operation that a universal target names: boto3's service, and the action as it is written."""

    service: str
    action: str

    @property
    def operation(self) -> str:
        """AWS's name of the operation."""
        return self.action[:1].upper() + self.action[1:]

    @property
    def is_read_only(self) -> bool:
        """True when the action's first words are among those that AWS refuses."""
        for word in READ_ONLY:
            rest = self.action[len(word) :]
            if self.action.startswith(word) and (not rest or not rest[0].islower()):
                return True
        return False


def find_action(arn: str) -> ApiAction | None:
    """The operation of a universal target, or None for any other ARN."""
    if not arn.startswith(PREFIX):
        return None
    service, _, action = arn[len(PREFIX) :].partition(":")
    if not service or not action.isalnum():
        return None
    return ApiAction(boto3_name(service), action)
