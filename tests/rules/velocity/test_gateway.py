"""The variables of API Gateway, and what it reads back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fogline.aws.velocity import TemplateFailed, compile_template
from fogline.aws.velocity.gateway import MappingVariables, Parameters

_PARAMETERS = Parameters(
    path={"id": "p1", "both": "path"},
    querystring={"page": "2", "both": "query"},
    header={"X-Trace": "t", "both": "header"},
)


def make_variables(**context: Any) -> MappingVariables:
    return MappingVariables(context, {"url": "example.com"}, _PARAMETERS)


def render(text: str, body: str = "", **context: Any) -> str:
    return make_variables(**context).render(compile_template(text), body)


@pytest.mark.parametrize(
    ("body", "text", "printed"),
    [
        # The recorded answers of test_input_body_formatting.
        ("", "#set($result = $input.body)$result", "{}"),
        ('{"some": "value"}', "B=$input.body", 'B={"some": "value"}'),
        ("some raw data", "B=$input.body", "B=some raw data"),
        ('{"some": "value"}', "#set($result = $input.body.testAccess)$result", ""),
        ('{"some": "value"}', "$util.urlEncode($input.body)", "%7B%22some%22%3A+%22value%22%7D"),
        ("", "E=$util.urlEncode($input.body)&A=$util.urlEncode($input.body.x)", "E=%7B%7D&A="),
    ],
)
def test_the_body_is_a_text(body: str, text: str, printed: str) -> None:
    assert render(text, body) == printed


def test_a_path_that_names_nothing_is_null_and_empty() -> None:
    # The recorded answers of test_input_path_template_formatting.
    text = (
        '{"body": $result, "nested": $result.nested, "isNull": #if( $result == $null )"true"#else"false"#end,'
        ' "isEmptyString": #if( $result == "" )"true"#else"false"#end}'
    )
    nothing = '{"body": , "nested": , "isNull": "true", "isEmptyString": "true"}'
    assert render('#set($result = $input.path("$.nonExisting"))' + text) == nothing
    assert render('#set($result = $input.path("$.v"))' + text, '{"v": null}') == nothing
    assert render('#set($result = $input.path("$.v"))' + text, '{"v": []}') == (
        '{"body": [], "nested": , "isNull": "false", "isEmptyString": "false"}'
    )


def test_json_gives_json_where_path_gives_values() -> None:
    body = '{"a": {"b": [1, 2.50, "x\\"y", null]}, "c": "text"}'
    assert render("$input.json('$')", body) == '{"a":{"b":[1,2.5,"x\\"y",null]},"c":"text"}'
    assert render("$input.json('$.a.b') $input.json('c')", body) == '[1,2.5,"x\\"y",null] "text"'
    assert render("$input.json('$.missing')", body) == '""'
    assert (
        render("$input.path('$.c') $input.path('c') $input.path('$.a.b[0]')", body) == "text text 1"
    )
    assert render("$input.path('$.a.b').size() $input.path('$..b')", body) == (
        '4 [[1,2.5,"x\\"y",null]]'
    )


def test_what_a_template_changes_is_not_what_came_in() -> None:
    text = "#set($root = $input.path('$'))#set($root.a = 2)$input.path('$.a')$input.json('$.a')"
    assert render(text, '{"a": 1}') == "21"


def test_a_body_that_is_no_json_is_a_text() -> None:
    text = (
        "#foreach($pair in $input.path('$').split('&'))#set($parts = $pair.split('='))"
        '"$parts[0]": "$util.urlDecode($parts[1])"#if($foreach.hasNext),#end#end'
    )
    assert render(text, "a=1&b=x+y") == '"a": "1","b": "x y"'
    assert render("$input.json('$')", "a=1&b=2") == '"a=1&b=2"'


def test_parameters_are_found_in_path_query_and_headers() -> None:
    text = (
        "$input.params('id') $input.params('page') $input.params('X-Trace') $input.params('both')"
    )
    assert render(text) == "p1 2 t path"
    assert render("<$input.params('none')>") == "<>"
    assert render("$input.params('x-trace')") == "t"
    assert render("$input.params().querystring.page $input.params().header.get('X-Trace')") == "2 t"
    assert render("$input.params().keySet()") == "[path, querystring, header]"


def test_the_template_that_passes_everything_through_makes_json() -> None:
    text = """#set($allParams = $input.params())
{
  "body" : $input.json('$'),
  "params" : {
#foreach($type in $allParams.keySet())
    #set($params = $allParams.get($type))
"$type" : {
    #foreach($paramName in $params.keySet())
    "$paramName" : "$util.escapeJavaScript($params.get($paramName))"
        #if($foreach.hasNext),#end
    #end
}
    #if($foreach.hasNext),#end
#end
},
"stage-variables" : {
#foreach($key in $stageVariables.keySet())
"$key" : "$util.escapeJavaScript($stageVariables.get($key))"
    #if($foreach.hasNext),#end
#end
},
"context" : { "stage" : "$context.stage", "caller" : "$context.identity.caller" }
}"""
    assert json.loads(
        render(text, '{"a": [1]}', stage="dev", identity={"sourceIp": "1.2.3.4"})
    ) == {
        "body": {"a": [1]},
        "params": {
            "path": dict(_PARAMETERS.path),
            "querystring": dict(_PARAMETERS.querystring),
            "header": dict(_PARAMETERS.header),
        },
        "stage-variables": {"url": "example.com"},
        "context": {"stage": "dev", "caller": ""},
    }


def test_a_defined_block_serves_several_maps() -> None:
    text = (
        '#define($members){#foreach($key in $map.keySet())"$key": "$util.escapeJavaScript($map.get($key))"'
        "#if($foreach.hasNext), #end#end}#end"
        "#set($map = $input.params().querystring)$members #set($map = $context.identity)$members"
        "#set($map = $context.authorizer)$members"
    )
    assert render(text, identity={"sourceIp": "1.2.3.4"}) == (
        '{"page": "2", "both": "query"}{"sourceIp": "1.2.3.4"}{}'
    )


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("escapeJavaScript($v)", 'it\\\'s \\"x\\" \\\\ \\/ \\n \\u00E9 \\uD83D\\uDE00'),
        ("urlEncode($v)", "it%27s+%22x%22+%5C+%2F+%0A+%C3%A9+%F0%9F%98%80"),
        ("urlEncode('a-b_c.d*e~f')", "a-b_c.d*e%7Ef"),
        ("urlDecode('a%20b+c')", "a b c"),
        ("base64Encode('héllo')", "aMOpbGxv"),
        ("base64Decode('aMOpbGxv')", "héllo"),
        ("base64Decode('aGVsbG8')", "hello"),
        ("parseJson('{\"a\": [1]}').a[0]", "1"),
        ("parseJson('\"x\"')", "x"),
        ("unknown('x')", ""),
    ],
)
def test_util_escapes_and_encodes(call: str, value: str) -> None:
    body = json.dumps({"v": 'it\'s "x" \\ / \n é \U0001f600'})
    assert render(f"#set($v = $input.path('$.v'))$util.{call}", body) == value


def test_an_escaped_apostrophe_can_be_put_back() -> None:
    text = """$util.escapeJavaScript($input.json('$')).replaceAll("\\\\'", "'")"""
    assert render(text, '{"a": "it\'s"}') == '{\\"a\\":\\"it\'s\\"}'


@pytest.mark.parametrize(
    "call", ["$util.parseJson('{')", "$input.path('$[')", "$input.json('$$.x')"]
)
def test_what_cannot_be_read_fails(call: str) -> None:
    with pytest.raises(TemplateFailed):
        render(call)


def test_overrides_are_read_back() -> None:
    variables = make_variables()
    text = """
#set($context.requestOverride.header.X-Amz-Target = "AWSEvents.PutEvents")
#set($context.requestOverride.header.X-Many = ["a", 1])
#set($context.requestOverride.path.id = $input.params('id'))
#set($context.requestOverride.querystring['q'] = 5)
#set($context.responseOverride.status = 404)
#set($context.responseOverride.header.Location = "/x")
#set($context.responseOverride.header.Nothing = $null)
"""
    variables.render(compile_template(text), "")
    assert variables.request_overrides.headers == {
        "X-Amz-Target": ["AWSEvents.PutEvents"],
        "X-Many": ["a", "1"],
    }
    assert variables.request_overrides.path == {"id": "p1"}
    assert variables.request_overrides.querystring == {"q": ["5"]}
    assert variables.response_overrides.status == 404
    assert variables.response_overrides.headers == {"Location": ["/x"]}


def test_the_response_template_knows_what_the_request_template_set() -> None:
    # Recorded: test_integration_mock_with_response_override_in_request_template.
    variables = make_variables()
    request = (
        "#set($custom = 'kept')#set($context.responseOverride.status = 444){\"statusCode\": 200}"
    )
    variables.render(compile_template(request), "")
    text = '{"custom": "$custom", "status": "$context.responseOverride.status"}'
    assert variables.render(compile_template(text), "") == '{"custom": "kept", "status": "444"}'
    assert variables.response_overrides.status == 444


def test_a_status_that_is_none_fails() -> None:
    with pytest.raises(TemplateFailed):
        render("#set($context.responseOverride.status = 'x')")


def test_the_context_that_was_given_stays_as_it_was() -> None:
    identity = {"sourceIp": "1.2.3.4"}
    render("#set($context.identity.sourceIp = 'x')", identity=identity)
    assert identity == {"sourceIp": "1.2.3.4"}
