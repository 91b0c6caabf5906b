import pytest

from fogline.aws.errors import (
    AccessDeniedException,
    AwsError,
    InternalFailure,
    NotImplementedByFogline,
    ThrottlingException,
    ValidationException,
)
from fogline.services.scheduler.calls import is_passing


class TooManyRequestsException(AwsError):
    pass


class RequestThrottled(AwsError):
    pass


class ServiceUnavailable(AwsError):
    status = 503


@pytest.mark.parametrize(
    "refused",
    [
        InternalFailure(),
        ServiceUnavailable(),
        ThrottlingException(),
        TooManyRequestsException(),
        RequestThrottled(),
    ],
)
def test_failures_of_the_server_and_throttles_pass(refused):
    assert is_passing(refused)


@pytest.mark.parametrize(
    "refused",
    [
        ValidationException("no"),
        AccessDeniedException(principal="p", action="a"),
        NotImplementedByFogline(service="s", operation="o"),
    ],
)
def test_refusals_of_the_request_do_not(refused):
    assert not is_passing(refused)
