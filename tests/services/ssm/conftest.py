from __future__ import annotations

import pytest


@pytest.fixture
def ssm(fogline):
    return fogline.client("ssm")


@pytest.fixture
def put(ssm):
    def put(name: str, value: str = "v", kind: str = "String", **more):
        return ssm.put_parameter(Name=name, Value=value, Type=kind, **more)

    return put


@pytest.fixture
def refusal():
    """The code and the message of the refusal that a call meets."""

    def refusal(function, **request) -> tuple[str, str]:
        from botocore.exceptions import ClientError

        with pytest.raises(ClientError) as refused:
            function(**request)
        error = refused.value.response["Error"]
        return error["Code"], error["Message"]

    return refusal
