"""What EventBridge Scheduler refuses, by the names it gives.

Texts: recorded answers, and what AWS answers to templates (https://github.com/badmintoncryer/cdk-preflight has
measured many).
"""

from __future__ import annotations

from fogline.aws.errors import AwsError


class ResourceNotFoundException(AwsError):
    message = "{what} {name} does not exist."
    status = 404


class ConflictException(AwsError):
    message = "{what} {name} already exists."
    status = 409


class ServiceQuotaExceededException(AwsError):
    message = "The number of {things} exceeds the quota of {max}."
    status = 402
