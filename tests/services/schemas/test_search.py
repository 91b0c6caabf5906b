from __future__ import annotations


def test_schemas_are_found_by_the_words_in_them(schemas, registry, make_schema, refusal) -> None:
    make_schema("orders", {"properties": {"Customer": {}}}, Description="What people buy")
    make_schema("returns", {"properties": {"customer": {}}})
    schemas.update_schema(RegistryName=registry, SchemaName="returns", Content='{"title":"other"}')

    def search(words: str) -> list[tuple[str, list[str]]]:
        found = schemas.search_schemas(RegistryName=registry, Keywords=words)["Schemas"]
        return [
            (each["SchemaName"], [version["SchemaVersion"] for version in each["SchemaVersions"]])
            for each in found
        ]

    assert search("customer") == [("orders", ["1"]), ("returns", ["1"])]
    assert search("people CUSTOMER") == [("orders", ["1"])]
    assert search("returns") == [("returns", ["1", "2"])]
    assert search("nobody") == []
    pages = schemas.get_paginator("search_schemas").paginate(
        RegistryName=registry, Keywords="customer", PaginationConfig={"PageSize": 1}
    )
    assert [len(page["Schemas"]) for page in pages] == [1, 1]
    refused = refusal(schemas.search_schemas, RegistryName=registry, Keywords=" ")
    assert refused[0] == "BadRequestException"


def test_a_search_looks_through_so_much_at_a_time(schemas, registry, make_schema, fogline) -> None:
    for number in range(120):
        make_schema(f"s-{number:03}", {"title": "x" * 99_000 if number else "needle"})
    make_schema("t", {"title": "needle"})
    first = schemas.search_schemas(RegistryName=registry, Keywords="needle")
    assert [each["SchemaName"] for each in first["Schemas"]] == ["s-000"]
    pages = schemas.get_paginator("search_schemas").paginate(
        RegistryName=registry, Keywords="needle"
    )
    found = [each["SchemaName"] for page in pages for each in page["Schemas"]]
    assert found == ["s-000", "t"]
