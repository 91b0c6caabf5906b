"""Platform applications: create, get, set, list and delete, and what AWS refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

BOTH = {"PlatformPrincipal": "principal", "PlatformCredential": "credential"}


@pytest.fixture
def make_application(sns: Any) -> Callable[..., str]:
    def make(name: str = "app", platform: str = "ADM", **attributes: str) -> str:
        answer = sns.create_platform_application(
            Name=name, Platform=platform, Attributes=BOTH | attributes
        )
        return str(answer["PlatformApplicationArn"])

    return make


def refusal(call: Callable[..., Any], **given: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**given)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_create_platform_application_answers_its_arn(fogline, make_application):
    assert make_application("shop", "GCM") == f"arn:aws:sns:us-east-1:{fogline.id}:app/GCM/shop"


def test_the_same_application_can_be_created_again(make_application):
    assert make_application() == make_application()


def test_another_application_of_the_same_name_is_refused(sns, make_application):
    make_application()
    code, _ = refusal(
        sns.create_platform_application,
        Name="app",
        Platform="ADM",
        Attributes={**BOTH, "PlatformCredential": "another"},
    )
    assert code == "InvalidParameter"


def test_get_platform_application_attributes_keeps_the_credentials_to_itself(sns, make_application):
    arn = make_application(SuccessFeedbackSampleRate="10")
    found = sns.get_platform_application_attributes(PlatformApplicationArn=arn)["Attributes"]
    assert found == {"Enabled": "true", "SuccessFeedbackSampleRate": "10"}


def test_set_platform_application_attributes_changes_what_is_given(sns, make_application):
    arn = make_application(SuccessFeedbackSampleRate="10")
    sns.set_platform_application_attributes(
        PlatformApplicationArn=arn, Attributes={"Enabled": "False"}
    )
    found = sns.get_platform_application_attributes(PlatformApplicationArn=arn)["Attributes"]
    assert found == {"Enabled": "false", "SuccessFeedbackSampleRate": "10"}


def test_list_platform_applications_gives_all_by_pages(sns, make_application):
    arns = {make_application(f"app{number:03d}") for number in range(101)}
    first = sns.list_platform_applications()
    assert len(first["PlatformApplications"]) == 100
    second = sns.list_platform_applications(NextToken=first["NextToken"])
    assert "NextToken" not in second
    listed = first["PlatformApplications"] + second["PlatformApplications"]
    assert {each["PlatformApplicationArn"] for each in listed} == arns


def test_delete_platform_application_takes_its_endpoints_along(sns, make_application):
    arn = make_application()
    endpoint = sns.create_platform_endpoint(PlatformApplicationArn=arn, Token="t")["EndpointArn"]
    sns.delete_platform_application(PlatformApplicationArn=arn)
    assert sns.list_platform_applications()["PlatformApplications"] == []
    assert refusal(sns.get_endpoint_attributes, EndpointArn=endpoint)[0] == "NotFound"
    make_application()
    assert refusal(sns.get_endpoint_attributes, EndpointArn=endpoint)[0] == "NotFound"


def test_to_delete_an_application_twice_is_no_error(sns, make_application):
    arn = make_application()
    for _ in range(2):
        sns.delete_platform_application(PlatformApplicationArn=arn)


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        (
            {},
            (
                "ValidationError",
                "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: "
                "Member must not be null",
            ),
        ),
        (
            {"PlatformPrincipal": "x"},
            (
                "InvalidParameter",
                "Invalid parameter: Attributes Reason: PlatformPrincipal attribute provided without "
                "PlatformCredential",
            ),
        ),
        (
            {"PlatformCredential": "x"},
            (
                "InvalidParameter",
                "Invalid parameter: Attributes Reason: PlatformCredential attribute provided without "
                "PlatformPrincipal",
            ),
        ),
    ],
    ids=["nothing", "no credential", "no principal"],
)
def test_credentials_must_be_complete(sns, attributes, error):
    given = {"Name": "app", "Platform": "ADM", "Attributes": attributes}
    assert refusal(sns.create_platform_application, **given) == error


def test_google_needs_no_principal(sns):
    sns.create_platform_application(
        Name="app", Platform="GCM", Attributes={"PlatformCredential": "key"}
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a" * 257, f"{'a' * 257} Reason: must be at most 256 characters long"),
        ("", " Reason: cannot be empty"),
        (
            "@name",
            "@name Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'",
        ),
    ],
    ids=["long", "empty", "odd"],
)
def test_names_that_aws_refuses_are_refused(sns, name, reason):
    given = {"Name": name, "Platform": "ADM", "Attributes": BOTH}
    assert refusal(sns.create_platform_application, **given) == (
        "InvalidParameter",
        f"Invalid parameter: {reason}",
    )


def test_the_longest_name_is_taken(make_application):
    assert make_application("a" * 256).endswith(f"/{'a' * 256}")


def test_a_platform_that_aws_does_not_have_is_refused(sns):
    assert refusal(
        sns.create_platform_application, Name="app", Platform="AAA", Attributes=BOTH
    ) == ("InvalidParameter", "Invalid parameter: Platform Reason: AAA is not supported")


@pytest.mark.parametrize(
    ("arn", "error"),
    [
        (
            "no-arn",
            (
                "InvalidParameter",
                "Invalid parameter: PlatformApplicationArn Reason: An ARN must have at least 6 elements, not 1",
            ),
        ),
        (
            "arn:aws:sns:us-east-1:000000000000:app/ADM",
            (
                "InvalidParameter",
                "Invalid parameter: PlatformApplicationArn Reason: Wrong number of slashes in relative "
                "portion of the ARN.",
            ),
        ),
        (
            "arn:aws:sns:us-east-1:000000000000:app/ADM/none",
            ("NotFound", "PlatformApplication does not exist"),
        ),
    ],
)
def test_an_application_that_is_not_there_is_named_so(sns, arn, error):
    assert refusal(sns.get_platform_application_attributes, PlatformApplicationArn=arn) == error


def test_unknown_attributes_are_refused(sns, make_application):
    code, text = refusal(
        sns.set_platform_application_attributes,
        PlatformApplicationArn=make_application(),
        Attributes={"Colour": "red"},
    )
    assert (code, "Colour" in text) == ("InvalidParameter", True)
