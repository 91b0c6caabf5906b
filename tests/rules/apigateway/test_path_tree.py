"""Path trees: which path leads where."""

from __future__ import annotations

import pytest

from fogline.services.apigateway.runtime.path_tree import PathTree

TREE = PathTree(
    (path, path)
    for path in ("/", "/a", "/a/b", "/a/{x}", "/a/{x}/c", "/{y}", "/{y}/d", "/{all+}", "/e/{rest+}")
)


@pytest.mark.parametrize(
    ("path", "found", "variables"),
    [
        ("/", "/", {}),
        ("/a", "/a", {}),
        ("/a/", "/a", {}),
        ("/a/b", "/a/b", {}),
        ("/a/z", "/a/{x}", {"x": "z"}),
        ("/a/b/c", "/a/{x}/c", {"x": "b"}),
        ("/a/d", "/a/{x}", {"x": "d"}),
        ("/q", "/{y}", {"y": "q"}),
        ("/q/d", "/{y}/d", {"y": "q"}),
        ("/q/r", "/{all+}", {"all": "q/r"}),
        ("/q/r/", "/{all+}", {"all": "q/r/"}),
        ("/a/b/c/d", "/{all+}", {"all": "a/b/c/d"}),
        ("/e", "/{y}", {"y": "e"}),
        ("/e/1/2", "/e/{rest+}", {"rest": "1/2"}),
        ("/q//r", "/{all+}", {"all": "q//r"}),
    ],
)
def test_a_path_leads_to_the_most_exact_resource(
    path: str, found: str, variables: dict[str, str]
) -> None:
    assert TREE.find(path[1:].split("/")) == (found, variables)


def test_a_path_without_a_resource_leads_nowhere() -> None:
    tree = PathTree([("/a/{x}", 1), ("/{all+}/b", 2)])
    assert tree.find(["b"]) == (2, {"all": "b"})
    assert PathTree([("/a/{x}", 1)]).find(["a"]) is None
    assert PathTree([("/a/{x}", 1)]).find([""]) is None
