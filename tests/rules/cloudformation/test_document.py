"""The text of templates: YAML and JSON, short tags, and what is refused."""

import pytest

from fogline.services.cloudformation.document import read_document
from fogline.services.cloudformation.errors import ValidationError


def read(text: str) -> object:
    return read_document(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A: !Ref B", {"Ref": "B"}),
        ("A: !GetAtt B.C.D", {"Fn::GetAtt": ["B", "C.D"]}),
        ("A: !GetAtt [B, C]", {"Fn::GetAtt": ["B", "C"]}),
        ("A: !Sub 'x-${B}'", {"Fn::Sub": "x-${B}"}),
        ("A: !If [c, !Ref b, 1]", {"Fn::If": ["c", {"Ref": "b"}, 1]}),
        ("A: !And [!Condition x, !Condition y]", {"Fn::And": [{"Condition": "x"}, {"Condition": "y"}]}),
        ("A: !Transform {Name: N}", {"Fn::Transform": {"Name": "N"}}),
        ("A: 2012-10-17", "2012-10-17"),
        ("A: 12:30", "12:30"),
        ("A: 012345678901", "012345678901"),
        ("A: '12'", "12"),
        ("A: !!str 12", "12"),
        ("A: 12", 12),
        ("A: 1.50", 1.5),
        ("A: yes", True),
        ("A: Off", False),
        ("A: ~", None),
        ("A: {b: 1, b: 2}", {"b": 2}),
        ('{"A": {"b": 1, "b": 2}}', {"b": 2}),
    ],
)  # fmt: skip
def test_a_value_reads_as_cloudformation_reads_it(text: str, value: object) -> None:
    assert read(text) == {"A": value}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1", "Template format error: unsupported structure."),
        ("", "Template format error: unsupported structure."),
        ("A: [1", "Template format error: YAML not well-formed. (line 2, column 1)"),
        ("A: !Nothing 1", "Template format error: YAML not well-formed. (line 1, column 4)"),
        (
            "A: !!python/object:os.system x",
            "Template format error: YAML not well-formed. (line 1, column 4)",
        ),
        (
            "A: &a 1\nB: *a",
            "Template error: YAML aliases are not allowed in CloudFormation templates",
        ),
        ('{"A": 1', "Template format error: JSON not well-formed. (line 1, column 8)"),
        ('{"A": NaN}', "Template format error: JSON not well-formed."),
        ("---\nA: 1\n---\nB: 2", "Template format error: YAML not well-formed. (line 3, column 1)"),
        (
            "A: " + "[" * 200 + "]" * 200,
            "Template format error: the template is nested too deeply.",
        ),
        ('{"A":' * 100_000, "Template format error: JSON not well-formed."),
    ],
)
def test_malformed_text_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        read(text)
    assert refusal.value.text == message


def test_the_last_byte_allowed_and_the_first_refused() -> None:
    assert read_document("A: b", bytes_max=4) == {"A": "b"}
    with pytest.raises(ValidationError):
        read_document("A: bc", bytes_max=4)
