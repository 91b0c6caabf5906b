"""The functions of the language, by name, and those that Step Functions adds."""

from fogline.aws.jsonata.calls import Native
from fogline.aws.jsonata.functions import (
    arrays,
    aws,
    dates,
    higher,
    matching,
    numbers,
    objects,
    strings,
)
from fogline.aws.jsonata.signature import Signature

FUNCTIONS: dict[str, Native] = {
    name: Native(name, work, Signature(signature) if signature else None, arity=1)
    for table in (arrays, aws, dates, higher, matching, numbers, objects, strings)
    for name, (signature, work) in table.TABLE.items()
}
# Given to $map it takes the item alone: the place of an item is no wish for indentation.
FUNCTIONS["string"].arity = 1

# Nothing fits every signature; these can do nothing with it.
for _name in (
    *("map", "filter", "reduce", "each", "sift", "match", "contains", "split", "pad", "power"),
    *("formatNumber", "formatInteger", "parseInteger", "replace"),
):
    FUNCTIONS[_name].needed = (1, 2) if _name == "replace" else (1,)
