import pytest

from fogline.aws.errors import ValidationException
from fogline.services.dynamodb.expressions.bindings import Bindings

ITEM = {
    "a": {"S": "a"},
    "b": {"S": "b"},
    "m": {"M": {"x": {"N": "1"}, "y": {"M": {"z": {"N": "2"}}}}},
    "l": {"L": [{"S": "0"}, {"S": "1"}, {"M": {"k": {"S": "v"}, "o": {"S": "w"}}}]},
}


def projected(text, names=None):
    request = {"ProjectionExpression": text}
    if names:
        request["ExpressionAttributeNames"] = names
    bindings = Bindings(request, ("ProjectionExpression",))
    return bindings.projection(text).project(ITEM)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a", {"a": {"S": "a"}}),
        ("a, absent", {"a": {"S": "a"}}),
        ("absent", {}),
        ("m.x", {"m": {"M": {"x": {"N": "1"}}}}),
        ("m.x, m.y.z", {"m": ITEM["m"]}),
        ("m.nothing", {}),
        ("a.b", {}),
        ("l[1]", {"l": {"L": [{"S": "1"}]}}),
        ("l[2].k, l[0]", {"l": {"L": [{"S": "0"}, {"M": {"k": {"S": "v"}}}]}}),
        ("l[9]", {}),
        ("l.k", {}),
    ],
)
def test_what_a_projection_keeps(text, found):
    assert projected(text) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name", "Attribute name is a reserved keyword; reserved keyword: name"),
        ("", "The expression can not be empty;"),
        (
            "a, a",
            "Two document paths overlap with each other; must remove or rewrite one of these "
            "paths; path one: [a], path two: [a]",
        ),
        (
            "m, m.x",
            "Two document paths overlap with each other; must remove or rewrite one of these "
            "paths; path one: [m], path two: [m, x]",
        ),
        (
            "m.x, m[0]",
            "Two document paths conflict with each other; must remove or rewrite one of "
            "these paths; path one: [m, x], path two: [m, [0]]",
        ),
        ("a b", 'Syntax error; token: "b", near: "a b"'),
        ("a[b]", 'Syntax error; token: "b", near: "[b]"'),
    ],
)
def test_a_wrong_projection_is_refused_in_the_words_of_aws(text, message):
    with pytest.raises(ValidationException) as refusal:
        projected(text)
    assert refusal.value.text == f"Invalid ProjectionExpression: {message}"
