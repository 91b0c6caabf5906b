"""The functions of the language, by name, and those that Step Functions adds."""

from fogline.aws.jsonata.calls import Native
from fogline.aws.jsonata.functions import arrays, aws, dates, higher, numbers, objects, strings
from fogline.aws.jsonata.signature import Signature

FUNCTIONS: dict[str, Native] = {
    name: Native(name, work, Signature(signature) if signature else None, arity=1)
    for table in (arrays, aws, dates, higher, numbers, objects, strings)
    for name, (signature, work) in table.TABLE.items()
}
# Given to $map it takes the item alone: the place of an item is no wish for indentation.
FUNCTIONS["string"].arity = 1
