"""Resources: the tree of paths."""

from __future__ import annotations

import pytest
from tests.services.apigateway.conftest import Refusal, RestApi, patch


def test_a_resource_stands_under_its_parent(api: RestApi) -> None:
    pets = api.resource("pets")
    made = api.create_resource(parentId=pets, pathPart="{id}")
    assert made["path"] == "/pets/{id}"
    assert api.get_resource(resourceId=made["id"])["parentId"] == pets


def test_moving_a_resource_moves_what_is_under_it(api: RestApi) -> None:
    pets = api.resource("pets")
    below = api.resource("all", api.resource("old", pets))
    api.update_resource(resourceId=pets, patchOperations=patch("replace", "/pathPart", "dogs"))
    assert api.get_resource(resourceId=below)["path"] == "/dogs/old/all"


def test_a_resource_can_not_be_put_under_itself(api: RestApi, refusal: Refusal) -> None:
    pets = api.resource("pets")
    below = api.resource("old", pets)
    operations = patch("replace", "/parentId", below)
    assert refusal(api.update_resource, resourceId=pets, patchOperations=operations) == (
        "BadRequestException",
        "Resources cannot be cyclical.",
    )


def test_two_resources_of_one_parent_have_different_names(api: RestApi, refusal: Refusal) -> None:
    api.resource("pets")
    refused = refusal(api.create_resource, parentId=api.root, pathPart="pets")
    assert refused == (
        "ConflictException",
        "Another resource with the same parent already has this name: pets",
    )
    assert refused.status == 409


@pytest.mark.parametrize("part", ["a b", "{a", "a/b", "", "{a+b+}", "a" * 1_025])
def test_parts_that_are_no_parts_are_refused(api: RestApi, refusal: Refusal, part: str) -> None:
    assert refusal(api.create_resource, parentId=api.root, pathPart=part).code in (
        "BadRequestException",
        "ValidationException",
    )


def test_a_variable_and_a_greedy_variable_may_be_siblings(api: RestApi, refusal: Refusal) -> None:
    api.resource("{id}")
    greedy = api.resource("{proxy+}")
    assert refusal(api.create_resource, parentId=api.root, pathPart="{other}").message == (
        "A sibling ({id}) of this resource already has a variable path part -- only one is allowed"
    )
    assert refusal(api.create_resource, parentId=greedy, pathPart="more").message == (
        "Cannot create a child of a resource with a greedy path variable."
    )


def test_deleting_a_resource_deletes_what_is_under_it(api: RestApi, refusal: Refusal) -> None:
    pets = api.resource("pets")
    api.resource("old", pets)
    api.delete_resource(resourceId=pets)
    assert [one["path"] for one in api.get_resources()["items"]] == ["/"]
    assert refusal(api.delete_resource, resourceId=api.root).code == "BadRequestException"


def test_methods_are_embedded_when_asked_for(api: RestApi) -> None:
    api.mock("GET")
    assert api.get_resources()["items"][0]["resourceMethods"] == {"GET": {}}
    embedded = api.get_resource(resourceId=api.root, embed=["methods"])["resourceMethods"]["GET"]
    assert embedded["methodIntegration"]["type"] == "MOCK"


def test_resources_come_page_by_page(api: RestApi) -> None:
    for number in range(4):
        api.resource(f"r{number}")
    first = api.get_resources(limit=3)
    rest = api.get_resources(limit=3, position=first["position"])
    assert len(first["items"]) == 3
    assert len(rest["items"]) == 2
    assert "position" not in rest


def test_positions_that_nobody_gave_are_refused(api: RestApi, refusal: Refusal) -> None:
    assert refusal(api.get_resources, position="%%%").code == "BadRequestException"
