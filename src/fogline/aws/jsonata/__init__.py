"""JSONata as Step Functions runs it: within bounds, with the world handed in.

`compile_expression(text).evaluate(variables)` gives JSON or MISSING; `Template` fills a JSON value whose strings are
`{% ... %}`. JSONata 2.0.6 is spoken, with the functions that Step Functions adds and without `$eval`.
"""

from fogline.aws.jsonata.errors import EvaluationFailed, InvalidExpression
from fogline.aws.jsonata.expression import Expression, compile_expression
from fogline.aws.jsonata.templates import Template, expressions_in, is_expression
from fogline.aws.jsonata.values import MISSING, Purse, UnsupportedResult

__all__ = [
    "MISSING",
    "EvaluationFailed",
    "Expression",
    "InvalidExpression",
    "Purse",
    "Template",
    "UnsupportedResult",
    "compile_expression",
    "expressions_in",
    "is_expression",
]
