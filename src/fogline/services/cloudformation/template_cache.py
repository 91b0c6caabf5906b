"""Templates that were kept, parsed; the latest few stay parsed, since kept templates never change."""

from __future__ import annotations

from fogline.services.cloudformation import tables
from fogline.services.cloudformation.document import read_document
from fogline.services.cloudformation.template import Template, read_template
from fogline.store.store import Tx

_PARSED_MAX = 32
_parsed: dict[str, Template] = {}


def parsed(tx: Tx, template_id: str) -> Template:
    """The processed template of that id."""
    found = _parsed.get(template_id)
    if found is None:
        texts = tables.find_template(tx, template_id)
        assert texts is not None, f"template {template_id} was kept with what names it"
        found = read_template(read_document(texts[1]))
        if len(_parsed) >= _PARSED_MAX:
            _parsed.pop(next(iter(_parsed)))
        _parsed[template_id] = found
    return found
