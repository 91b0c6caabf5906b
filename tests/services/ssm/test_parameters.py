from __future__ import annotations

from datetime import UTC, datetime

import pytest


def test_a_parameter_is_put_and_got_by_name_and_by_arn(ssm, put, fogline) -> None:
    assert put("/app/url", "x")["Version"] == 1
    expected = {
        "Name": "/app/url",
        "Type": "String",
        "Value": "x",
        "Version": 1,
        "LastModifiedDate": datetime.fromtimestamp(fogline.platform.now() / 1000, UTC),
        "ARN": f"arn:aws:ssm:us-east-1:{fogline.id}:parameter/app/url",
        "DataType": "text",
    }
    assert ssm.get_parameter(Name="/app/url")["Parameter"] == expected
    assert ssm.get_parameter(Name=expected["ARN"])["Parameter"] == expected
    many = ssm.get_parameters(Names=["/app/url", "none"])
    assert (many["Parameters"], many["InvalidParameters"]) == ([expected], ["none"])


def test_a_plain_name_may_have_a_slash_before_it(ssm, put, fogline) -> None:
    put("plain")
    found = ssm.get_parameter(Name="/plain")["Parameter"]
    assert found["Name"] == "/plain"
    assert found["ARN"].endswith(":parameter/plain")
    assert ssm.get_parameter(Name=found["ARN"])["Parameter"]["Name"] == "plain"


def test_a_missing_parameter_has_an_error_without_words(ssm, refusal) -> None:
    assert refusal(ssm.get_parameter, Name="none")[0] == "ParameterNotFound"
    assert refusal(ssm.delete_parameter, Name="none")[0] == "ParameterNotFound"


def test_a_missing_secret_is_named(ssm, refusal) -> None:
    name = "/aws/reference/secretsmanager/none"
    code, message = refusal(ssm.get_parameter, Name=name, WithDecryption=True)
    assert code == "ParameterNotFound"
    assert message.endswith(f"Secret {name} not found.")


@pytest.mark.parametrize("name", ["/a//b", "a/b/c", "/a/", "a b"])
def test_what_is_no_name_is_refused(ssm, refusal, name) -> None:
    for function, request in (
        (ssm.get_parameter, {"Name": name}),
        (ssm.get_parameters, {"Names": [name]}),
    ):
        code, message = refusal(function, **request)
        assert code == "ValidationException"
        assert "sub-paths divided by slash symbol" in message


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a/b", "ValidationException"),
        ("awsome", "ValidationException"),
        ("/ssm/a", "ValidationException"),
        ("/aws/a", "AccessDeniedException"),
        ("/a" * 16, "HierarchyLevelLimitExceededException"),
    ],
)
def test_names_of_new_parameters_are_checked(put, refusal, name, code) -> None:
    assert refusal(put, name=name)[0] == code


def test_the_deepest_name_allowed(put) -> None:
    put("/a" * 15)


def test_a_value_is_overwritten_only_when_asked(ssm, put, refusal) -> None:
    put("a", "1")
    assert refusal(put, name="a")[0] == "ParameterAlreadyExists"
    assert ssm.put_parameter(Name="a", Value="2", Overwrite=True)["Version"] == 2
    assert ssm.get_parameter(Name="a")["Parameter"]["Value"] == "2"
    assert ssm.get_parameter(Name="a:1")["Parameter"]["Value"] == "1"
    assert ssm.get_parameter(Name="a:1")["Parameter"]["Selector"] == ":1"
    assert refusal(ssm.get_parameter, Name="a:3") == (
        "ParameterVersionNotFound",
        "Systems Manager could not find version 3 of a. Verify the version and try again.",
    )
    code, _ = refusal(put, name="a", kind="SecureString", Overwrite=True)
    assert code == "HierarchyTypeMismatchException"


def test_a_type_is_needed_once(ssm, refusal) -> None:
    assert refusal(ssm.put_parameter, Name="a", Value="1") == (
        "ValidationException",
        "A parameter type is required when you create a parameter.",
    )


def test_a_secret_is_shown_on_request(ssm, put) -> None:
    put("s", "secret", "SecureString")
    sealed = ssm.get_parameter(Name="s")["Parameter"]["Value"]
    assert "secret" not in sealed
    assert len(sealed) > 100
    assert ssm.get_parameters(Names=["s"])["Parameters"][0]["Value"] == sealed
    assert ssm.get_parameter(Name="s", WithDecryption=True)["Parameter"]["Value"] == "secret"
    assert ssm.describe_parameters()["Parameters"][0]["KeyId"] == "alias/aws/ssm"


def test_values_have_the_size_of_their_tier(ssm, put, refusal) -> None:
    assert put("a", "x" * 4096)["Tier"] == "Standard"
    assert refusal(put, name="b", value="x" * 4097)[0] == "ValidationException"
    assert put("b", "x" * 4097, Tier="Intelligent-Tiering")["Tier"] == "Advanced"
    assert put("c", "x" * 8192, Tier="Advanced")["Tier"] == "Advanced"
    assert refusal(put, name="d", value="x" * 8193, Tier="Advanced")[0] == "ValidationException"
    code, _ = refusal(put, name="c", Tier="Standard", Overwrite=True)
    assert code == "ValidationException"
    assert refusal(put, name="e", value="")[0] == "ValidationException"


def test_a_value_must_match_its_allowed_pattern(put, refusal) -> None:
    put("a", "123", AllowedPattern=r"^\d+$")
    assert refusal(put, name="b", value="12x", AllowedPattern=r"^\d+$") == (
        "ParameterPatternMismatchException",
        r"Parameter value, cannot be validated against allowedPattern: ^\d+$",
    )
    code, _ = refusal(put, name="b", value="1", AllowedPattern="(")
    assert code == "InvalidAllowedPatternException"


def test_what_is_not_built_says_so(put, refusal) -> None:
    assert refusal(put, name="a", Tier="Advanced", Policies="[{}]")[0] == "NotImplemented"
    assert refusal(put, name="a", DataType="other")[0] == "ValidationException"


def test_parameters_are_found_by_path(ssm, put) -> None:
    for name in ("/a/x", "/a/b/y", "/a/b/c/z", "/ab/x", "top"):
        put(name)

    def names(path: str, **request) -> list[str]:
        pages = ssm.get_paginator("get_parameters_by_path").paginate(
            Path=path, PaginationConfig={"PageSize": 2}, **request
        )
        return [each["Name"] for page in pages for each in page["Parameters"]]

    assert names("/a") == ["/a/x"]
    assert names("/a/", Recursive=True) == ["/a/b/c/z", "/a/b/y", "/a/x"]
    assert names("/") == ["top"]
    assert len(names("/", Recursive=True)) == 5
    assert names("/none") == []


def test_a_path_begins_with_a_slash_and_filters_are_few(ssm, refusal) -> None:
    assert refusal(ssm.get_parameters_by_path, Path="a")[0] == "ValidationException"
    filters = [{"Key": "Name", "Values": ["a"]}]
    code, _ = refusal(ssm.get_parameters_by_path, Path="/a", ParameterFilters=filters)
    assert code == "InvalidFilterKey"
    code, _ = refusal(ssm.get_parameters_by_path, Path="/", NextToken="é")
    assert code == "InvalidNextToken"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([], ["/a/b/d", "/a/c", "top"]),
        ([{"Key": "Name", "Values": ["/top"]}], ["top"]),
        ([{"Key": "Name", "Option": "BeginsWith", "Values": ["/a/b"]}], ["/a/b/d"]),
        ([{"Key": "Name", "Option": "Contains", "Values": ["o", "c"]}], ["/a/c", "top"]),
        ([{"Key": "Type", "Values": ["StringList"]}], ["/a/c"]),
        ([{"Key": "Path", "Values": ["/a"]}], ["/a/c"]),
        ([{"Key": "Path", "Option": "Recursive", "Values": ["/a"]}], ["/a/b/d", "/a/c"]),
        ([{"Key": "tag:env", "Values": ["prod"]}], ["top"]),
        ([{"Key": "tag:env"}], ["/a/c", "top"]),
        ([{"Key": "Tier", "Values": ["Standard"]}, {"Key": "tag:env"}], ["/a/c", "top"]),
    ],
)
def test_parameters_are_described_by_filters(ssm, put, filters, expected) -> None:
    put("/a/b/d")
    put("/a/c", kind="StringList", Tags=[{"Key": "env", "Value": "test"}])
    put("top", Tags=[{"Key": "env", "Value": "prod"}])
    found = ssm.describe_parameters(ParameterFilters=filters)["Parameters"]
    assert [each["Name"] for each in found] == expected


def test_a_description_tells_all_but_the_value(ssm, put, fogline, refusal) -> None:
    put("a", Description="words", AllowedPattern=".*")
    (found,) = ssm.describe_parameters(Filters=[{"Key": "Name", "Values": ["a"]}])["Parameters"]
    del found["LastModifiedDate"], found["LastModifiedUser"]
    assert found == {
        "Name": "a",
        "ARN": f"arn:aws:ssm:us-east-1:{fogline.id}:parameter/a",
        "Type": "String",
        "Description": "words",
        "AllowedPattern": ".*",
        "Version": 1,
        "Tier": "Standard",
        "Policies": [],
        "DataType": "text",
    }
    option = [{"Key": "Type", "Option": "Contains", "Values": ["S"]}]
    code, _ = refusal(ssm.describe_parameters, ParameterFilters=option)
    assert code == "InvalidFilterOption"


def test_history_has_every_version_until_a_hundred(ssm, put, refusal) -> None:
    put("a", "1")
    for number in range(2, 102):
        ssm.put_parameter(Name="a", Value=str(number), Overwrite=True)
    pages = ssm.get_paginator("get_parameter_history").paginate(Name="a")
    values = [each["Value"] for page in pages for each in page["Parameters"]]
    assert values == [str(number) for number in range(2, 102)]
    ssm.label_parameter_version(Name="a", ParameterVersion=2, Labels=["keep"])
    code, _ = refusal(ssm.put_parameter, Name="a", Value="x", Overwrite=True)
    assert code == "ParameterMaxVersionLimitExceeded"
    assert refusal(ssm.get_parameter_history, Name="none")[0] == "ParameterNotFound"


def test_deleted_parameters_are_gone_with_their_versions(ssm, put) -> None:
    put("a")
    put("b")
    ssm.delete_parameter(Name="a")
    answer = ssm.delete_parameters(Names=["a", "b"])
    assert (answer["DeletedParameters"], answer["InvalidParameters"]) == (["b"], ["a"])
    assert put("a")["Version"] == 1
    assert len(ssm.get_parameter_history(Name="a")["Parameters"]) == 1
