import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.errors import ValidationException
from fogline.services.dynamodb.expressions.bindings import Bindings

ITEM = {
    "id": {"S": "a1"},
    "age": {"N": "42"},
    "ok": {"BOOL": True},
    "tags": {"SS": ["x", "y"]},
    "li": {"L": [{"N": "1"}, {"M": {"deep": {"S": "here"}}}]},
    "nil": {"NULL": True},
    "blob_": {"B": b"\x01\x02"},
}


def holds(text, names=None, **values):
    request = {"ConditionExpression": text}
    if names:
        request["ExpressionAttributeNames"] = names
    if values:
        request["ExpressionAttributeValues"] = {f":{name}": each for name, each in values.items()}
    bindings = Bindings(request, ("ConditionExpression",))
    condition = bindings.condition("ConditionExpression", text)
    bindings.refuse_unused()
    return condition.test(ITEM, bindings.values)


def refusal(text, names=None, **values):
    with pytest.raises(ValidationException) as refused:
        holds(text, names, **values)
    return refused.value.text.removeprefix("Invalid ConditionExpression: ")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("attribute_exists(id)", {}),
        ("attribute_not_exists(absent)", {}),
        ("attribute_not_exists(li[7].deep)", {}),
        ("attribute_exists(li[1].deep)", {}),
        ("li[1].deep = :v", {"v": {"S": "here"}}),
        ("age = :v", {"v": {"N": "42.0"}}),
        ("age > :v", {"v": {"N": "9"}}),
        ("age >= :v and age <= :v", {"v": {"N": "42"}}),
        ("age < :v", {"v": {"N": "100"}}),
        ("age <> :v", {"v": {"S": "42"}}),
        ("absent <> :v", {"v": {"S": "42"}}),
        ("age BETWEEN :a AND :b", {"a": {"N": "1"}, "b": {"N": "100"}}),
        ("age IN (:a, :b)", {"a": {"N": "1"}, "b": {"N": "42"}}),
        ("tags = :v", {"v": {"SS": ["y", "x"]}}),
        ("contains(tags, :v)", {"v": {"S": "x"}}),
        ("begins_with(id, :v)", {"v": {"S": "a"}}),
        ("begins_with(blob_, :v)", {"v": {"B": b"\x01"}}),
        ("attribute_type(nil, :v)", {"v": {"S": "NULL"}}),
        ("size(id) = :v", {"v": {"N": "2"}}),
        ("size(li) < size(id) OR size(tags) = :v", {"v": {"N": "2"}}),
        ("NOT age = :v", {"v": {"N": "1"}}),
        ("not not age = :v", {"v": {"N": "42"}}),
        ("id = :v OR id = :v AND age = :n", {"v": {"S": "a1"}, "n": {"N": "0"}}),
        ("(id = :v OR id = :v) AND NOT age = :n", {"v": {"S": "a1"}, "n": {"N": "0"}}),
        (":v = id", {"v": {"S": "a1"}}),
    ],
)
def test_a_condition_that_holds(text, values):
    assert holds(text, **values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("attribute_exists(li[2])", {}),
        ("absent = :v", {"v": {"S": ""}}),
        ("absent < :v", {"v": {"S": "z"}}),
        ("age = :v", {"v": {"S": "42"}}),
        ("age < :v", {"v": {"S": "99"}}),
        ("NOT id = :v OR age = :n", {"v": {"S": "a1"}, "n": {"N": "0"}}),
        ("(id = :v OR id = :v) AND age = :n", {"v": {"S": "a1"}, "n": {"N": "0"}}),
        ("size(age) = :v", {"v": {"N": "2"}}),
        ("begins_with(age, :v)", {"v": {"S": "4"}}),
        ("contains(absent, :v)", {"v": {"S": "4"}}),
    ],
)
def test_a_condition_that_does_not_hold(text, values):
    assert not holds(text, **values)


def test_names_stand_for_attributes():
    assert holds("attribute_exists(#l[1].#d)", {"#l": "li", "#d": "deep"})
    assert not holds("attribute_exists(#x)", {"#x": "li.deep"})


V = {"v": {"S": "x"}}
N = {"v": {"N": "1"}}


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("", {}, "The expression can not be empty;"),
        ("  ", {}, "The expression can not be empty;"),
        ("id", {}, 'Syntax error; token: "<EOF>", near: "id"'),
        ("id = = :v", V, 'Syntax error; token: "=", near: "= = :v"'),
        ("id : v", V, 'Syntax error; token: ":", near: "id : v"'),
        ("INVALID SYNTAX HERE", {}, 'Syntax error; token: "SYNTAX", near: "INVALID SYNTAX HERE"'),
        ("id IN ()", {}, 'Syntax error; token: ")", near: "()"'),
        ("my-id = :v", V, 'Syntax error; token: "-", near: "my-id"'),
        ("name = :v", V, "Attribute name is a reserved keyword; reserved keyword: name"),
        ("a.Status = :v", V, "Attribute name is a reserved keyword; reserved keyword: Status"),
        (
            "#x = :v",
            V,
            "An expression attribute name used in the document path is not defined; "
            "attribute name: #x",
        ),
        (
            "id = :w",
            V,
            "An expression attribute value used in expression is not defined; attribute value: :w",
        ),
        ("foo(id)", {}, "Invalid function name; function: foo"),
        (
            "if_not_exists(id, :v)",
            V,
            "The function is not allowed in a condition expression; function: if_not_exists",
        ),
        (
            "attribute_exists(id, age)",
            {},
            "Incorrect number of operands for operator or function; "
            "operator or function: attribute_exists, number of operands: 2",
        ),
        (
            "attribute_exists(:v)",
            V,
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "begins_with(id, :v)",
            N,
            "Incorrect operand type for operator or function; "
            "operator or function: begins_with, operand type: N",
        ),
        (
            "id < :v",
            {"v": {"BOOL": True}},
            "Incorrect operand type for operator or function; "
            "operator or function: <, operand type: BOOL",
        ),
        (
            "attribute_type(id, :v)",
            V,
            "Invalid attribute type name found; type: x, "
            "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
        ),
        (
            "size(id)",
            {},
            "The function is not allowed to be used this way in an expression; function: size",
        ),
        (
            "attribute_exists(id) = :v",
            V,
            "The function is not allowed to be used this way in an expression; "
            "function: attribute_exists",
        ),
        (
            "id = id",
            {},
            "The first operand must be distinct from the remaining operands for this operator or "
            "function; operator: =, first operand: [id]",
        ),
        (
            "id BETWEEN :b AND :a",
            {"a": {"S": "a"}, "b": {"S": "b"}},
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
            "lower bound operand: AttributeValue: {S:b}, upper bound operand: AttributeValue: {S:a}",
        ),
        (
            "id BETWEEN :b AND :a",
            {"a": {"N": "1"}, "b": {"S": "b"}},
            "The BETWEEN operator requires same data type for lower and upper bounds; "
            "lower bound operand: AttributeValue: {S:b}, upper bound operand: AttributeValue: {N:1}",
        ),
        ("((id = :v))", V, "The expression has redundant parentheses;"),
    ],
)
def test_a_wrong_condition_is_refused_in_the_words_of_aws(text, values, message):
    assert refusal(text, **values) == message


def test_what_is_given_must_be_used():
    assert refusal("id = :v", {"#b": "b"}, **V) == (
        "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}"
    )
    assert refusal("id = :v", **V, w={"S": ""}) == (
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}"
    )


def test_an_unfit_value_is_named():
    assert refusal("id = :v", v={"SS": []}) == (
        "ExpressionAttributeValues contains invalid value: One or more parameter values were "
        "invalid: An string set  may not be empty for key :v"
    )


def test_an_expression_has_at_most_4096_bytes():
    assert holds("id = :v" + " " * 4089, v={"S": "a1"})
    assert refusal("id = :v" + " " * 4090, v={"S": "a1"}) == (
        "Expression size has exceeded the maximum allowed size; expression size: 4097"
    )


def test_an_expression_has_at_most_300_operators():
    assert holds(" OR ".join(["id = :v"] * 150), v={"S": "a1"})
    assert "too many operators" in refusal(" OR ".join(["id = :v"] * 151), v={"S": "a1"})


@pytest.mark.parametrize("text", ["(" * 4000, "NOT " * 1000, "size(" * 800, "NOT (" * 800])
def test_nesting_without_end_is_refused(text):
    assert refusal(text)


def test_in_takes_at_most_100_choices():
    choices = {f"v{i}": {"S": str(i)} for i in range(101)}
    listed = ", ".join(f":{name}" for name in choices)
    assert refusal(f"id IN ({listed})", **choices) == (
        "The IN operator is provided with too many operands; number of operands: 101"
    )


@given(st.text(alphabet="abAND#:v0()[].,<>=- ORNTINBEW_", max_size=60))
def test_any_text_is_read_or_refused(text):
    bindings = Bindings({"FilterExpression": text}, ("FilterExpression",))
    try:
        condition = bindings.condition("FilterExpression", text)
    except ValidationException:
        return
    assert condition.test(ITEM, {}) in (True, False)


@st.composite
def trees(draw, depth=3):
    """A condition over booleans a, b and c: its text, and what Python makes of it."""
    if depth == 0 or draw(st.booleans()):
        name = draw(st.sampled_from("pqr"))
        return f"{name} = :yes", lambda truth: truth[name]
    kind = draw(st.sampled_from(["NOT", "AND", "OR"]))
    text, value = draw(trees(depth - 1))
    if kind == "NOT":
        return f"NOT {grouped(text)}", lambda truth: not value(truth)
    other_text, other = draw(trees(depth - 1))
    text = f"({grouped(text)} {kind} {grouped(other_text)})"
    if kind == "AND":
        return text, lambda truth: value(truth) and other(truth)
    return text, lambda truth: value(truth) or other(truth)


def grouped(text):
    return text if text.startswith("(") else f"({text})"


@given(trees(), st.fixed_dictionaries({name: st.booleans() for name in "pqr"}))
def test_operators_bind_as_python_binds_them(tree, truth):
    text, value = tree
    item = {name: {"BOOL": each} for name, each in truth.items()}
    request = {"ExpressionAttributeValues": {":yes": {"BOOL": True}}, "FilterExpression": text}
    bindings = Bindings(request, ("FilterExpression",))
    condition = bindings.condition("FilterExpression", text)
    assert condition.test(item, bindings.values) == value(truth)
