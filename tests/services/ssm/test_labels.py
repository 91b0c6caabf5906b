from __future__ import annotations

import pytest


@pytest.fixture
def parameter(ssm, put) -> str:
    put("/app/a", "1")
    ssm.put_parameter(Name="/app/a", Value="2", Overwrite=True)
    return "/app/a"


def test_a_label_finds_its_version_and_moves(ssm, parameter, refusal) -> None:
    answer = ssm.label_parameter_version(Name=parameter, ParameterVersion=1, Labels=["live"])
    assert (answer["ParameterVersion"], answer["InvalidLabels"]) == (1, [])
    assert ssm.get_parameter(Name=f"{parameter}:live")["Parameter"]["Value"] == "1"
    assert ssm.label_parameter_version(Name=parameter, Labels=["live"])["ParameterVersion"] == 2
    assert ssm.get_parameter(Name=f"{parameter}:live")["Parameter"]["Value"] == "2"
    history = ssm.get_parameter_history(Name=parameter)["Parameters"]
    assert [each["Labels"] for each in history] == [[], ["live"]]
    code, message = refusal(ssm.get_parameter, Name=f"{parameter}:none")
    assert code == "ParameterVersionNotFound"
    assert "label none" in message


def test_a_path_can_be_read_by_label(ssm, parameter) -> None:
    ssm.label_parameter_version(Name=parameter, ParameterVersion=1, Labels=["live"])
    filters = [{"Key": "Label", "Values": ["live"]}]
    found = ssm.get_parameters_by_path(Path="/app", ParameterFilters=filters)["Parameters"]
    assert [(each["Name"], each["Value"]) for each in found] == [(parameter, "1")]


def test_labels_are_taken_away(ssm, parameter) -> None:
    ssm.label_parameter_version(Name=parameter, Labels=["one", "two"])
    answer = ssm.unlabel_parameter_version(
        Name=parameter, ParameterVersion=2, Labels=["one", "none"]
    )
    assert (answer["RemovedLabels"], answer["InvalidLabels"]) == (["one"], ["none"])
    assert ssm.get_parameter_history(Name=parameter)["Parameters"][1]["Labels"] == ["two"]


def test_labels_are_checked_and_counted(ssm, parameter, refusal) -> None:
    answer = ssm.label_parameter_version(Name=parameter, Labels=["1x", "aws-x", "ok"])
    assert answer["InvalidLabels"] == ["1x", "aws-x"]
    ssm.label_parameter_version(Name=parameter, Labels=[f"l{n}" for n in range(9)])
    code, _ = refusal(ssm.label_parameter_version, Name=parameter, Labels=["more"])
    assert code == "ParameterVersionLabelLimitExceeded"
    code, _ = refusal(ssm.label_parameter_version, Name=parameter, ParameterVersion=9, Labels=["a"])
    assert code == "ParameterVersionNotFound"
    assert refusal(ssm.label_parameter_version, Name="none", Labels=["a"])[0] == "ParameterNotFound"


def test_tags_survive_labels_and_new_versions(ssm, parameter) -> None:
    resource = {"ResourceType": "Parameter", "ResourceId": parameter}
    ssm.add_tags_to_resource(**resource, Tags=[{"Key": "a", "Value": "1"}])
    ssm.label_parameter_version(Name=parameter, Labels=["live"])
    ssm.put_parameter(Name=parameter, Value="3", Overwrite=True)
    assert ssm.list_tags_for_resource(**resource)["TagList"] == [{"Key": "a", "Value": "1"}]
