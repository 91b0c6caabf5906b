"""Every function, with results from JSONata's and AWS's documentation."""

from collections.abc import Callable
from typing import Any

import pytest

from fogline.aws.jsonata import MISSING, EvaluationFailed, UnsupportedResult
from fogline.aws.jsonata.functions import FUNCTIONS

TABLE = [
    ("$string(5)", "5"),
    ("$string([1,2,3])", "[1,2,3]"),
    ("$string({'a': [1]}, true)", '{\n  "a": [\n    1\n  ]\n}'),
    ("[1..3].$string()", ["1", "2", "3"]),
    ("$map([1,2], $string)", ["1", "2"]),
    ("$length('Hello 😀')", 7),
    ("$substring('Hello World', 3)", "lo World"),
    ("$substring('Hello World', 3, 5)", "lo Wo"),
    ("$substring('Hello World', -4)", "orld"),
    ("$substring('Hello World', -4, 2)", "or"),
    ("$substringBefore('Hello World', ' ')", "Hello"),
    ("$substringAfter('Hello World', ' ')", "World"),
    ("$substringAfter('Hello', 'x')", "Hello"),
    ("$uppercase('Hé')", "HÉ"),
    ("$lowercase('HÉ')", "hé"),
    ("$trim('  Hello \n World ')", "Hello World"),
    ("$pad('foo', 5)", "foo  "),
    ("$pad('foo', -5)", "  foo"),
    ("$pad('foo', -6, '#-')", "#-#foo"),
    ("$contains('abracadabra', 'bra')", True),
    ("$contains('abracadabra', /a.*a/)", True),
    ("$contains('Hello', /hELLO/i)", True),
    ("$split('so many words', ' ')", ["so", "many", "words"]),
    ("$split('so many words', ' ', 2)", ["so", "many"]),
    ("$split('so, many , words', /\\s*,\\s*/)", ["so", "many", "words"]),
    ("$split('abc', '')", ["a", "b", "c"]),
    ("$join(['a','b','c'])", "abc"),
    ("$join(['a','b','c'], '-')", "a-b-c"),
    (
        "$match('ababbabbcc', /a(b+)/)[1]",
        {"match": "abb", "index": 2, "groups": ["bb"]},
    ),
    ("$count($match('ababbabbcc', /a(b+)/, 2))", 2),
    ("$replace('John Smith and John Jones', 'John', 'Mr')", "Mr Smith and Mr Jones"),
    ("$replace('John Smith and John Jones', 'John', 'Mr', 1)", "Mr Smith and John Jones"),
    ("$replace('abracadabra', /a.*?a/, '*')", "*c*bra"),
    ("$replace('John Smith', /(\\w+)\\s(\\w+)/, '$2, $1')", "Smith, John"),
    ("$replace('265USD', /([0-9]+)USD/, '$$$1')", "$265"),
    ("$replace('ab', /[a-z]/, function($m){$uppercase($m.match) & '.'})", "A.B."),
    ("$base64encode('myuser:mypass')", "bXl1c2VyOm15cGFzcw=="),
    ("$base64decode('bXl1c2VyOm15cGFzcw==')", "myuser:mypass"),
    ("$base64decode($base64encode('é'))", "é"),
    ("$encodeUrlComponent('?x=test')", "%3Fx%3Dtest"),
    ("$encodeUrl('https://a.b/?x=шел&y=1')", "https://a.b/?x=%D1%88%D0%B5%D0%BB&y=1"),
    ("$decodeUrlComponent('%3Fx%3Dtest')", "?x=test"),
    ("$decodeUrl('https://a.b/?x=%D1%88%D0%B5%D0%BB')", "https://a.b/?x=шел"),
    ("$number('5')", 5),
    ("$number('0x12')", 18),
    ("$number('-1.5e2')", -150),
    ("$number(true)", 1),
    ("$abs(-5)", 5),
    ("$floor(-5.3)", -6),
    ("$ceil(5.3)", 6),
    ("$round(123.456, 2)", 123.46),
    ("$round(123.456, -1)", 120),
    ("$round(11.5) & $round(12.5)", "1212"),
    ("$round(125, -1)", 120),
    ("$power(2, 8)", 256),
    ("$power(2, 0.5)", 2**0.5),
    ("$sqrt(4)", 2),
    ("$formatNumber(12345.6, '#,###.00')", "12,345.60"),
    ("$formatNumber(1234.5678, '00.000e0')", "12.346e2"),
    ("$formatNumber(34.555, '#0.00;(#0.00)')", "34.56"),
    ("$formatNumber(-34.555, '#0.00;(#0.00)')", "(34.56)"),
    ("$formatNumber(0.14, '01%')", "14%"),
    ("$formatNumber(0.14, '###pm', {'per-mille': 'pm'})", "140pm"),
    ("$formatBase(100, 2)", "1100100"),
    ("$formatBase(2555, 16)", "9fb"),
    ("$formatBase(-100)", "-100"),
    ("$formatInteger(2789, 'w')", "two thousand, seven hundred and eighty-nine"),
    ("$formatInteger(1999, 'I')", "MCMXCIX"),
    ("$formatInteger(28, 'A')", "AB"),
    ("$formatInteger(21, '1;o')", "21st"),
    ("$formatInteger(1234567, '#,##0')", "1,234,567"),
    ("$formatInteger(12, 'Ww;o')", "Twelfth"),
    ("$parseInteger('twelve thousand, four hundred and seventy-six', 'w')", 12476),
    ("$parseInteger('12,345,678', '#,##0')", 12345678),
    ("$parseInteger('MCMXCIX', 'I')", 1999),
    ("$parseInteger('AB', 'A')", 28),
    ("$sum([5,1,3,7,4])", 20),
    ("$max([5,1,3])", 5),
    ("$min([5,1,3])", 1),
    ("$average([5,1,3,7,4])", 4),
    ("$count([1,2,3])", 3),
    ("$count($nothing)", 0),
    ("$max([])", MISSING),
    ("$append([1,2], [3])", [1, 2, 3]),
    ("$append('a', 'b')", ["a", "b"]),
    ("$sort([3,1,2])", [1, 2, 3]),
    ("$sort(['b','a'])", ["a", "b"]),
    ("$sort([1,3,2], function($a, $b){$a < $b})", [3, 2, 1]),
    ("$reverse([1,2,3])", [3, 2, 1]),
    ("$shuffle([1,2,3])", [1, 3, 2]),
    ("$distinct([1, '1', 1, {'a':1}, {'a':1}, true])", [1, "1", {"a": 1}, True]),
    ("$zip([1,2,3], [4,5])", [[1, 4], [2, 5]]),
    ("$keys({'a': 1, 'b': 2})", ["a", "b"]),
    ("$keys([{'a': 1}, {'b': 2, 'a': 1}])", ["a", "b"]),
    ("$lookup({'a': 1}, 'a')", 1),
    ("$spread({'a': 1, 'b': 2})", [{"a": 1}, {"b": 2}]),
    ("$merge([{'a': 1}, {'b': 2}, {'a': 3}])", {"a": 3, "b": 2}),
    ("$sift({'a': 1, 'b': 5}, function($v, $k){$v > 2})", {"b": 5}),
    ("$each({'a': 1, 'b': 2}, function($v, $k){$k & $v})", ["a1", "b2"]),
    ("$clone({'a': [1]})", {"a": [1]}),
    ("$boolean('')", False),
    ("$boolean([0, 1])", True),
    ("$not(0)", True),
    ("$exists($nothing)", False),
    ("$exists(null)", True),
    (
        "[$type(1), $type('a'), $type(null), $type([]), $type({}), $type(true), $type($sum)]",
        ["number", "string", "null", "array", "object", "boolean", "function"],
    ),
    ("$assert(true, 'no')", MISSING),
    ("$map([1,2,3], function($v, $i, $a){$v * $i + $count($a)})", [3, 5, 9]),
    ("$filter([1,2,3,4], function($v){$v % 2 = 0})", [2, 4]),
    ("$filter([1,2], function($v){$v = 2})", 2),
    ("$filter([1,2], function($v){$v = 2})[]", [2]),
    ("$single([1,2,3], function($v){$v = 2})", 2),
    ("$reduce([1,2,3], function($a, $b){$a + $b})", 6),
    ("$reduce([1,2,3], function($a, $b){$a + $b}, 10)", 16),
    ("$millis()", 1_700_000_000_123),
    ("$now()", "2023-11-14T22:13:20.123Z"),
    ("$now('[D1o] [MNn] [Y]')", "14th November 2023"),
    ("$fromMillis(1510067557121)", "2017-11-07T15:12:37.121Z"),
    ("$fromMillis(1510067557121, '[M01]/[D01]/[Y0001] [h#1]:[m01][P]')", "11/07/2017 3:12pm"),
    (
        "$fromMillis(1510067557121, '[H01]:[m01]:[s01] [z]', '-0500')",
        "10:12:37 GMT-05:00",
    ),
    ("$fromMillis(1510067557121, '[FNn,3-3] [d] [W] [X]')", "Tue 311 45 2017"),
    ("$toMillis('2017-11-07T15:07:54.972Z')", 1510067274972),
    ("$toMillis('2017-11-07')", 1510012800000),
    ("$toMillis('2017-11-07T15:00:00+0100')", 1510063200000),
    ("$toMillis('7/11/2017 3:05 pm', '[D]/[M]/[Y] [h]:[m] [P]')", 1510067100000),
    ("$toMillis('20171107', '[Y0001][M01][D01]')", 1510012800000),
    ("$toMillis('not this', '[Y]')", MISSING),
    # Those that Step Functions adds.
    ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
    ("$range(0, 9, 3)", [0, 3, 6, 9]),
    ("$range(1, 9, 9)", 1),
    ("$range(5, 1, -2)", [5, 3, 1]),
    ("$hash('input', 'MD5')", "a43c1b0aa53a0c908810c06ab1ff3967"),
    ("$length($hash('input', 'SHA-384'))", 96),
    ("$random()", 0.5),
    ("$random(7) = $random(7)", True),
    ("$uuid()", "0b9f7a5e-0000-4000-8000-000000000001"),
    ("$parse('{\"a\": [1, 2.5, null]}')", {"a": [1, 2.5, None]}),
    ("$parse('-0')", 0),
    ("$sum($nothing)", MISSING),
    ("$uppercase($nothing)", MISSING),
]


@pytest.mark.parametrize(("text", "result"), TABLE)
def test_function_gives_what_the_documentation_says(
    evaluate: Callable[..., Any], text: str, result: Any
) -> None:
    found = evaluate(text)
    assert found == result
    assert type(found) is type(result)


def test_every_function_is_in_the_tables() -> None:
    texts = " ".join(text for text, *_ in TABLE + FAILURES)
    assert [name for name in FUNCTIONS if f"${name}" not in texts] == []


FAILURES = [
    ("$error('gone')", "D3137", "gone"),
    ("$assert(false, 'no')", "D3141", "no"),
    ("$number('x')", "D3030", "Unable to cast value to a number: x"),
    ("$sqrt(-1)", "D3060", "The sqrt function cannot be applied to a negative number: -1"),
    (
        "$uppercase(1)",
        "T0410",
        "Argument 1 of function uppercase does not match function signature",
    ),
    ("$map([1], $nothing)", "T0410", "Argument 2 of function map"),
    ("$formatNumber(1, $nothing)", "T0410", ""),
    ("$replace('a', 'a', $nothing)", "T0410", "Argument 3"),
    ("$sum('a')", "T0412", "Argument 1 of function sum must be an array of numbers"),
    ("$power(10, 1000)", "D3061", ""),
    ("$sort([1, 'a'])", "D3070", ""),
    ("$single([1, 1])", "D3138", ""),
    ("$single([1], function($v){false})", "D3139", ""),
    ("$reduce([1], function($a){$a})", "D3050", ""),
    ("$replace('a', '', 'b')", "D3010", ""),
    ("$replace('a', 'a', 'b', -1)", "D3011", ""),
    ("$replace('a', /a/, function($m){1})", "D3012", ""),
    ("$split('a', 'b', -1)", "D3020", ""),
    ("$match('a', /a/, -1)", "D3040", ""),
    ("$match('a', /x*/)", "D1004", ""),
    ("$match('a', function($t){{'match': 1}})", "T1010", ""),
    ("$formatBase(1, 37)", "D3100", ""),
    ("$formatInteger(1, 'ж')", "D3130", ""),
    ("$formatNumber(1, '0;0;0')", "D3080", ""),
    ("$formatNumber(1, '0.0.0')", "D3081", ""),
    ("$formatNumber(1, 'x')", "D3085", ""),
    ("$toMillis('yesterday')", "D3110", ""),
    ("$fromMillis(0, '[q]')", "D3132", ""),
    ("$fromMillis(0, '[YN]')", "D3133", ""),
    ("$fromMillis(0, '[Y')", "D3135", ""),
    ("$toMillis('2018 5', '[Y] [D]')", "D3136", ""),
    ("$decodeUrl('%E0%A4%A')", "D3140", ""),
    ("$parse('{')", "D3137", "not valid JSON"),
    ("$parse('NaN')", "D3137", ""),
    ("$hash('a', 'CRC')", "D3137", "must be one of"),
    ("$partition([1], 0)", "D3137", ""),
    ("$range(1, 2, 0)", "D3137", ""),
]


@pytest.mark.parametrize(("text", "code", "sentence"), FAILURES)
def test_function_fails_with_the_reference_code(
    evaluate: Callable[..., Any], text: str, code: str, sentence: str
) -> None:
    with pytest.raises(EvaluationFailed, match=code) as failure:
        evaluate(text)
    assert sentence in failure.value.message


@pytest.mark.parametrize("text", ["$sum", "function($x){$x}", "[1, $sum]", "{'a': /b/}"])
def test_function_is_no_result(evaluate: Callable[..., Any], text: str) -> None:
    with pytest.raises(UnsupportedResult):
        evaluate(text)
