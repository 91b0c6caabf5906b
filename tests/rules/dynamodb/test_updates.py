import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.errors import ValidationException
from fogline.services.dynamodb.expressions.bindings import Bindings

OLD = {
    "id": {"S": "1"},
    "n": {"N": "5"},
    "l": {"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}]},
    "m": {"M": {"x": {"N": "1"}, "in": {"M": {"y": {"S": "y"}}}}},
    "ss": {"SS": ["a", "b"]},
}


def updated(text, names=None, **values):
    request = {"UpdateExpression": text}
    if names:
        request["ExpressionAttributeNames"] = names
    if values:
        request["ExpressionAttributeValues"] = {f":{name}": each for name, each in values.items()}
    bindings = Bindings(request, ("UpdateExpression",))
    update = bindings.update(text)
    bindings.refuse_unused()
    before = copy.deepcopy(OLD)
    new = update.apply(OLD, bindings.values)
    assert before == OLD, "the old item is never changed"
    return {name: value for name, value in new.items() if value != OLD.get(name)} | {
        name: None for name in OLD if name not in new
    }


def refusal(text, names=None, **values):
    with pytest.raises(ValidationException) as refused:
        updated(text, names, **values)
    return refused.value.text.removeprefix("Invalid UpdateExpression: ")


def letters(*texts):
    return {"L": [{"S": text} for text in texts]}


S = {"v": {"S": "v"}}
N = {"v": {"N": "2"}}


@pytest.mark.parametrize(
    ("text", "values", "changes"),
    [
        ("SET a = :v", S, {"a": {"S": "v"}}),
        ("set a = :v, b = n", S, {"a": {"S": "v"}, "b": {"N": "5"}}),
        ("SET n = n + :v", N, {"n": {"N": "7"}}),
        ("SET n = n - :v", N, {"n": {"N": "3"}}),
        ("SET n = if_not_exists(n, :v)", N, {}),
        ("SET c = if_not_exists(c, :v) + :v", N, {"c": {"N": "4"}}),
        ("SET a = n, n = :v", N, {"a": {"N": "5"}, "n": {"N": "2"}}),
        ("SET l[1] = :v", S, {"l": letters("a", "v", "c")}),
        ("SET l[9] = :v", S, {"l": letters("a", "b", "c", "v")}),
        ("SET l = list_append(l, :v)", {"v": letters("d")}, {"l": letters("a", "b", "c", "d")}),
        ("SET l = list_append(:v, l)", {"v": letters("d")}, {"l": letters("d", "a", "b", "c")}),
        (
            "SET q = list_append(if_not_exists(q, :v), :v)",
            {"v": letters("d")},
            {"q": letters("d", "d")},
        ),
        ("SET m.x = :v", N, {"m": {"M": {"x": {"N": "2"}, "in": {"M": {"y": {"S": "y"}}}}}}),
        ("REMOVE n", {}, {"n": None}),
        ("REMOVE absent, n", {}, {"n": None}),
        ("REMOVE l[0], l[1]", {}, {"l": letters("c")}),
        ("REMOVE l[1], l[7]", {}, {"l": letters("a", "c")}),
        ("REMOVE m.nothing", {}, {}),
        ("REMOVE l[0] SET l[2] = :v", S, {"l": letters("b", "v")}),
        ("ADD n :v", N, {"n": {"N": "7"}}),
        ("ADD fresh :v", N, {"fresh": {"N": "2"}}),
        ("ADD m.x :v", N, {"m": {"M": {"x": {"N": "3"}, "in": {"M": {"y": {"S": "y"}}}}}}),
        ("ADD ss :v", {"v": {"SS": ["b", "c"]}}, {"ss": {"SS": ["a", "b", "c"]}}),
        ("DELETE ss :v", {"v": {"SS": ["b", "c"]}}, {"ss": {"SS": ["a"]}}),
        ("DELETE ss :v", {"v": {"SS": ["b", "a"]}}, {"ss": None}),
        ("DELETE absent :v", {"v": {"SS": ["b", "a"]}}, {}),
        ("SET a = :v REMOVE n", S, {"a": {"S": "v"}, "n": None}),
        ("SET a = (n + :v)", N, {"a": {"N": "7"}}),
    ],
)
def test_what_an_update_does(text, values, changes):
    assert updated(text, **values) == changes


def test_elements_set_past_the_end_are_appended_in_the_order_of_their_positions():
    changes = updated("SET l[9] = :b, l[7] = :a", a={"S": "x"}, b={"S": "y"})
    assert changes == {"l": letters("a", "b", "c", "x", "y")}


def test_a_nested_path_keeps_what_stands_beside_it():
    changes = updated("SET m.#in.z = :v REMOVE m.x", {"#in": "in"}, **S)
    assert changes == {"m": {"M": {"in": {"M": {"y": {"S": "y"}, "z": {"S": "v"}}}}}}


ABSENT = "The provided expression refers to an attribute that does not exist in the item"
NO_PLACE = "The document path provided in the update expression is invalid for update"
WRONG = "An operand in the update expression has an incorrect data type"


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("", {}, "The expression can not be empty;"),
        ("SET", {}, 'Syntax error; token: "<EOF>", near: "SET"'),
        ("SET a = ", {}, 'Syntax error; token: "<EOF>", near: "="'),
        ("SET a = :v,", S, 'Syntax error; token: "<EOF>", near: ","'),
        ("ADD hits : incr", {}, 'Syntax error; token: ":", near: "hits : incr"'),
        ("INVALID SYNTAX HERE", {}, 'Syntax error; token: "INVALID", near: "INVALID SYNTAX"'),
        (
            "SET a = :v SET b = :v",
            S,
            'The "SET" section can only be used once in an update expression;',
        ),
        ("SET status = :v", S, "Attribute name is a reserved keyword; reserved keyword: status"),
        (
            "SET a = :v, a = :v",
            S,
            "Two document paths overlap with each other; must remove or rewrite one of these paths; "
            "path one: [a], path two: [a]",
        ),
        (
            "SET a.b = :v REMOVE a",
            S,
            "Two document paths overlap with each other; must remove or rewrite one of these paths; "
            "path one: [a, b], path two: [a]",
        ),
        (
            "SET a[1] = :v, a.b = :v",
            S,
            "Two document paths conflict with each other; must remove or rewrite one of these "
            "paths; path one: [a, [1]], path two: [a, b]",
        ),
        (
            "SET a = attribute_exists(b)",
            {},
            "The function is not allowed in an update expression; function: attribute_exists",
        ),
        ("SET a = foo(b)", {}, "Invalid function name; function: foo"),
        (
            "SET a = if_not_exists(:v, :v)",
            S,
            "Operator or function requires a document path; operator or function: if_not_exists",
        ),
        (
            "SET a = n + :v",
            S,
            "Incorrect operand type for operator or function; operator or function: +, "
            "operand type: S",
        ),
        (
            "SET a = list_append(l, :v)",
            S,
            "Incorrect operand type for operator or function; operator or function: list_append, "
            "operand type: S",
        ),
        (
            "ADD n :v",
            S,
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, "
            "typeSet: ALLOWED_FOR_ADD_OPERANDS",
        ),
        (
            "DELETE n :v",
            N,
            "Incorrect operand type for operator or function; operator: DELETE, "
            "operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERANDS",
        ),
        ("SET a = absent", {}, ABSENT),
        ("SET a = absent + :v", N, ABSENT),
        ("SET a = list_append(absent, :v)", {"v": letters("a")}, ABSENT),
        ("SET absent.b = :v", S, NO_PLACE),
        ("SET n.b = :v", S, NO_PLACE),
        ("SET m[0] = :v", S, NO_PLACE),
        ("SET l.a = :v", S, NO_PLACE),
        ("REMOVE absent.b", {}, NO_PLACE),
        ("SET a = id + :v", N, WRONG),
        ("SET a = list_append(id, :v)", {"v": letters("a")}, WRONG),
        ("ADD id :v", N, WRONG),
        ("ADD ss :v", {"v": {"NS": ["1"]}}, WRONG),
        ("DELETE ss :v", {"v": {"NS": ["1"]}}, WRONG),
    ],
)
def test_a_wrong_update_is_refused_in_the_words_of_aws(text, values, message):
    assert refusal(text, **values) == message


@given(st.text(alphabet="SETREMOVADL abnl#:v0()[].,=+-", max_size=60))
def test_any_text_is_read_or_refused(text):
    bindings = Bindings({"UpdateExpression": text}, ("UpdateExpression",))
    try:
        update = bindings.update(text)
        update.apply(OLD, {})
    except ValidationException:
        pass


@given(st.sets(st.integers(0, 9), min_size=1))
def test_removing_elements_leaves_the_others_in_order(positions):
    numbers = {"all": {"L": [{"N": str(each)} for each in range(10)]}}
    text = "REMOVE " + ", ".join(f"#all[{each}]" for each in positions)
    request = {"UpdateExpression": text, "ExpressionAttributeNames": {"#all": "all"}}
    new = Bindings(request, ("UpdateExpression",)).update(text).apply(numbers, {})
    kept = [int(each["N"]) for each in new["all"]["L"]]
    assert kept == [each for each in range(10) if each not in positions]
