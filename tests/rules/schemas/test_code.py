from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogline.services.schemas.python_code import python_files
from fogline.services.schemas.record_types import record_types
from fogline.services.schemas.typescript_code import typescript_files

SCHEMA = {
    "definitions": {
        "Order": {
            "type": "object",
            "required": ["id", "lines", "class"],
            "properties": {
                "id": {"type": "string"},
                "note": {"type": ["string", "null"]},
                "lines": {"type": "array", "items": {"$ref": "#/definitions/Line"}},
                "state": {"type": "string", "enum": ["open", "done"]},
                "class": {"type": "number"},
                "prices": {"type": "object", "additionalProperties": {"type": "integer"}},
                "parent": {"$ref": "#/definitions/Order"},
                "any-thing": {},
                "mixed": {"oneOf": [{"type": "string"}, {"type": "boolean"}]},
            },
        },
        "Line": {
            "allOf": [
                {"$ref": "#/definitions/Base"},
                {"required": ["sku"], "properties": {"sku": {"type": "string"}}},
            ]
        },
        "Base": {"type": "object", "properties": {"n": {"type": "integer"}}},
    },
    "type": "object",
    "required": ["detail"],
    "properties": {"detail-type": {"type": "string"}, "detail": {"$ref": "#/definitions/Order"}},
}
VALUE = {
    "detail-type": "x",
    "detail": {
        "id": "1",
        "lines": [{"sku": "a", "n": 2}, {"sku": "b"}],
        "class": 1.5,
        "prices": {"a": 3},
        "parent": {"id": "2", "lines": [], "class": 0},
        "any-thing": [1, {"x": None}],
        "mixed": True,
    },
}


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Imports the Python package of a schema."""

    def imported(schema: dict, title: str = "AWSEvent"):
        for path, text in python_files(["made"], record_types(schema, title)).items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path))
        for name in [name for name in sys.modules if name.split(".")[0] == "made"]:
            monkeypatch.delitem(sys.modules, name)
        import made

        return made

    return imported


def test_python_classes_read_and_write_json(load) -> None:
    made = load(SCHEMA)
    event = made.AWSEvent.from_dict(VALUE)
    assert event.detail_type == "x"
    assert isinstance(event.detail, made.Order)
    assert [line.sku for line in event.detail.lines] == ["a", "b"]
    assert event.detail.class_ == 1.5
    assert event.detail.parent.parent is None
    assert event.to_dict() == VALUE
    assert made.Marshaller.marshall(made.Marshaller.unmarshall(VALUE, made.AWSEvent)) == VALUE


def test_python_classes_say_what_is_required(load) -> None:
    made = load(SCHEMA)
    with pytest.raises(TypeError):
        made.Order(id="1", lines=[])
    assert made.Line(sku="a").to_dict() == {"sku": "a"}
    assert made.Order.__annotations__["lines"] == "List[Line]"
    assert made.Order.__annotations__["prices"] == "Optional[Dict[str, int]]"
    assert made.Order.__annotations__["note"] == "Optional[str]"
    assert made.Line.__annotations__["n"] == "Optional[int]"


def test_typescript_has_an_interface_for_each_record() -> None:
    files = typescript_files(["schema", "shop"], record_types(SCHEMA, "AWSEvent"))
    assert list(files) == ["schema/shop/index.ts"]
    text = files["schema/shop/index.ts"]
    assert 'export interface AWSEvent {\n  "detail-type"?: string;\n  detail: Order;\n}\n' in text
    assert "  note?: string | null;\n" in text
    assert "  lines: Array<Line>;\n" in text
    assert '  state?: "open" | "done";\n' in text
    assert "  prices?: Record<string, number>;\n" in text
    assert "  parent?: Order;\n" in text
    assert '  "any-thing"?: any;\n' in text
    assert "  mixed?: string | boolean;\n" in text
    assert "export interface Line {\n  n?: number;\n  sku: string;\n}\n" in text


@pytest.mark.parametrize(
    "name",
    [
        '"""',
        "x\ny",
        "import os",
        "from_dict",
        "_members",
        "__class__",
        "1",
        "",
        "a b",
        "ä",
        "\\",
        "'",
    ],
)
def test_no_name_of_a_member_breaks_the_code(load, name) -> None:
    schema = {
        "required": [name],
        "properties": {name: {"properties": {name: {"enum": [name], "type": "string"}}}},
    }
    made = load(schema, name)
    value = {name: {name: "v"}}
    (outermost,) = (
        getattr(made, each)
        for each in made.__all__
        if each != "Marshaller" and getattr(made, each)._members[0][2]
    )
    assert outermost.from_dict(value).to_dict() == value
    text = typescript_files(["x"], record_types(schema, name))["x/index.ts"]
    assert text.count("\n") == 9


def test_names_that_meet_are_kept_apart(load) -> None:
    made = load({"properties": {"a-b": {}, "a_b": {}, "a b": {}}}, "Record")
    value = {"a-b": 1, "a_b": 2, "a b": 3}
    assert made.Record_1.from_dict(value).to_dict() == value


def test_a_schema_without_members_is_an_empty_record(load) -> None:
    assert load({"type": "string"}, "Text").Text.from_dict({"x": 1}).to_dict() == {}


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.sampled_from([{"type": "string"}, {}, {"type": ["integer", "null"]}]),
        lambda inner: st.builds(
            lambda members: {"properties": members, "required": list(members)[:1]},
            st.dictionaries(st.text(max_size=8), inner, max_size=4),
        ),
        max_leaves=12,
    ),
    st.text(max_size=8),
)
def test_whatever_members_are_called_the_code_is_python(schema, title) -> None:
    records = record_types(schema, title)
    for path, text in python_files(["made"], records).items():
        compile(text, path, "exec")
    assert len({record.name for record in records}) == len(records)
    text = typescript_files(["made"], records)["made/index.ts"]
    assert text.count("export interface") == len(records)
    text.encode()
