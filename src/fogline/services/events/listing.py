"""Pages of documents, as the List operations of EventBridge give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.store.documents import Document, Documents
from fogline.store.store import Tx

_PAGE_MAX = 100


def page_of(
    documents: Documents,
    tx: Tx,
    call: Call,
    request: Mapping[str, Any],
    keep: Callable[[Document], bool] = lambda document: True,
) -> tuple[list[Document], dict[str, str]]:
    """The documents of the page that `request` asks for, and the token of the next one, if any, as a member."""
    limit = request.get("Limit") or request.get("MaxResults") or _PAGE_MAX
    after = page_start(request.get("NextToken"))
    found: list[tuple[str, Document]] = []
    while len(found) <= limit:
        rows = documents.page(
            tx,
            call.account,
            call.region,
            prefix=request.get("NamePrefix", ""),
            after=after,
            limit=_PAGE_MAX + 1,
        )
        found += [(name, document) for name, document in rows if keep(document)]
        if len(rows) <= _PAGE_MAX:
            break
        after = rows[-1][0]
    page = found[:limit]
    token = {"NextToken": next_token(page[-1][0])} if len(found) > limit else {}
    return [document for _, document in page], token
