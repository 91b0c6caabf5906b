import pytest

from fogline.cli.application.template import (
    Settings,
    find_template,
    parse_overrides,
    parse_parameters,
    read_settings,
    read_template,
    stack_name_of,
)
from fogline.cli.exits import Failure


def test_a_template_is_found_by_its_usual_names(tmp_path):
    (tmp_path / "template.yml").write_text("Resources: {}")
    assert find_template(tmp_path, None, Settings()) == tmp_path / "template.yml"


def test_samconfig_names_template_stack_and_parameters(tmp_path):
    (tmp_path / "app.yaml").write_text("Resources: {}")
    (tmp_path / "samconfig.toml").write_text(
        "version = 0.1\n"
        '[default.global.parameters]\nstack_name = "shop"\n'
        "[default.deploy.parameters]\n"
        'template_file = "app.yaml"\nparameter_overrides = "Stage=\\"dev\\" Size=2"\n'
    )
    settings = read_settings(tmp_path)
    assert settings.stack_name == "shop"
    assert settings.parameters == {"Stage": "dev", "Size": "2"}
    assert find_template(tmp_path, None, settings) == tmp_path / "app.yaml"


@pytest.mark.parametrize(
    "given",
    [
        "A=1 B=two",
        ["A=1", "B=two"],
        {"A": 1, "B": "two"},
        'ParameterKey=A,ParameterValue=1 ParameterKey=B,ParameterValue="two"',
    ],
)
def test_overrides_come_in_several_forms(given):
    assert parse_overrides(given) == {"A": "1", "B": "two"}


def test_without_a_template_it_is_said_where_one_was_looked_for(tmp_path):
    with pytest.raises(Failure, match=r"template\.yaml, template\.yml, template\.json") as failure:
        find_template(tmp_path, None, Settings())
    assert failure.value.code == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [("A: [", "YAML not well-formed"), ("{", "JSON not well-formed"), ("A: 1", "no Resources")],
)
def test_what_is_no_template_is_said_plainly(tmp_path, text, words):
    path = tmp_path / "template.yaml"
    path.write_text(text)
    with pytest.raises(Failure, match=words):
        read_template(path)


def test_anchors_and_merge_keys_are_written_out(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(
        "Common: &common {Timeout: 5, Role: !Ref Role}\n"
        "Resources:\n  A:\n    Properties: {<<: *common, Name: a}\n  B: {Properties: *common}\n"
    )
    resources = read_template(path).resources()
    assert resources["A"]["Properties"] == {"Timeout": 5, "Role": {"Ref": "Role"}, "Name": "a"}
    assert resources["B"]["Properties"] == {"Timeout": 5, "Role": {"Ref": "Role"}}


@pytest.mark.parametrize(
    ("folder", "name"), [("orders", "orders"), ("my_app.v2", "my-app-v2"), ("2048", "app-2048")]
)
def test_a_stack_is_named_after_its_folder(tmp_path, folder, name):
    assert stack_name_of(tmp_path / folder) == name


def test_parameters_are_pairs():
    assert parse_parameters(("A=1", "B=x=y")) == {"A": "1", "B": "x=y"}
    with pytest.raises(Failure, match="write --parameter Name=value"):
        parse_parameters(("A",))
