"""Any operation by its name: for CloudFormation, Step Functions, the command line and other faces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from fogline.aws.call import Call
from fogline.ports.contracts import Contract


class Api(Protocol):
    """Runs operations as if a client had asked, through the same functions and in the caller's transaction.

    `operation` is AWS's name (`CreateQueue`) or boto3's (`create_queue`). Requests and results use AWS's member
    names; times are integers (milliseconds), blobs are bytes. Refusals are raised as AwsError.
    """

    def call(
        self, service: str, operation: str, request: Mapping[str, Any], cause: Call
    ) -> Mapping[str, Any]:
        """Perform an operation that does not wait for anybody's code.

        A bug of the operation is logged, and is InternalFailure to the caller. A StoreFailure is passed on: it ends
        the caller's own transaction.
        """

    async def call_waiting(
        self, service: str, operation: str, request: Mapping[str, Any], cause: Call
    ) -> Mapping[str, Any]:
        """Perform any operation, also one that waits (Invoke, a long poll); returns after its commit."""

    def has(self, service: str, operation: str) -> bool:
        """True when the operation is built."""

    def waits(self, service: str, operation: str) -> bool:
        """True when it waits for somebody's code, or may wait as a long poll does; then `call_waiting` does it whole.

        Raises NotImplementedByFogline when it is not built.
        """

    def contract(self, service: str, operation: str) -> Contract:
        """What the operation takes and gives. Raises UnknownOperationException."""
