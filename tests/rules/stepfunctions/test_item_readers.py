"""What a distributed Map reads from S3, item by item."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.states.machine.model import ItemReader
from fogline.aws.states.machine.resources import parse_resource
from fogline.services.stepfunctions.distributed.failures import ItemReaderFailed
from fogline.services.stepfunctions.distributed.fetching import Page
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.distributed.reading import Item, read_items

LIMITS = MapRunLimits()
HEADED = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}


class Bucket:
    """A bucket in memory that lists two objects a page (answers `Fetch`)."""

    def __init__(self, **objects: str | bytes) -> None:
        self.objects = {
            key: content.encode() if isinstance(content, str) else content
            for key, content in objects.items()
        }
        self.opened: list[str] = []

    def get_object(self, request: Mapping[str, Any]) -> BinaryIO:
        self.opened.append(request["Key"])
        if request["Key"] not in self.objects:
            raise ItemReaderFailed("The specified key does not exist.")
        return io.BytesIO(self.objects[request["Key"]])

    def list_objects(self, request: Mapping[str, Any], token: str | None) -> Page:
        prefix = request.get("Prefix", "")
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > (token or ""))
        page = [
            {
                "ETag": '"0"',
                "Key": key,
                "LastModified": 1_700_000_000_000,
                "Size": len(self.objects[key]),
                "StorageClass": "STANDARD",
            }
            for key in keys[:2]
        ]
        return Page(page, keys[1] if len(keys) > 2 else None)


def read(
    bucket: Bucket,
    config: Mapping[str, Any] | None = None,
    *,
    action: str = "getObject",
    max_items: int = 0,
    limits: MapRunLimits = LIMITS,
    **arguments: str,
) -> list[Item]:
    reader = ItemReader(
        resource=parse_resource(f"arn:aws:states:::s3:{action}"), reader_config=config
    )
    asked = {"Bucket": "data", **({"Key": "file"} if action == "getObject" else {}), **arguments}
    return list(read_items(reader, asked, bucket, max_items, limits))


def values(content: str | bytes, config: Mapping[str, Any], **options: Any) -> list[Any]:
    return [item.value for item in read(Bucket(file=content), config, **options)]


def failure(content: str | bytes, config: Mapping[str, Any], **options: Any) -> str:
    with pytest.raises(ItemReaderFailed) as failed:
        values(content, config, **options)
    assert failed.value.error == "States.ItemReaderFailed"
    return failed.value.cause


def test_a_listing_gives_an_item_for_each_object_of_all_its_pages() -> None:
    items = read(Bucket(a1="xx", a2="", a3="y", b="z"), action="listObjectsV2", Prefix="a")
    assert items[0] == Item(
        {
            "Etag": '"0"',
            "Key": "a1",
            "LastModified": 1_700_000_000,
            "Size": 2,
            "StorageClass": "STANDARD",
        },
        "S3://data",
    )
    assert [item.value["Key"] for item in items] == ["a1", "a2", "a3"]


def test_a_listing_can_be_flattened_into_what_stands_in_its_objects() -> None:
    config = {"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"}
    items = read(Bucket(a="1\n2\n", b="", c="3"), config, action="listObjectsV2")
    assert items == [Item(1, "S3://data/a"), Item(2, "S3://data/a"), Item(3, "S3://data/c")]


def test_flattening_needs_to_know_the_type_of_the_objects() -> None:
    with pytest.raises(ItemReaderFailed, match="InputType must be CSV, JSON, JSONL or PARQUET"):
        read(Bucket(), {"Transformation": "LOAD_AND_FLATTEN"}, action="listObjectsV2")


def test_rows_lack_fields_and_have_too_many() -> None:
    rows = "H1,H2\na\nb,c,d\n,,\n   \n\n"
    assert values(rows, HEADED) == [
        {"H1": "a", "H2": ""},
        {"H1": "b", "H2": "c"},
        {"H1": "", "H2": ""},
        {"H1": "   ", "H2": ""},
    ]


def test_headers_can_be_given_and_then_the_first_row_is_an_item() -> None:
    config = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x", "y"]}
    assert values("1,2", config) == [{"x": "1", "y": "2"}]


def test_a_header_may_be_empty() -> None:
    assert values("H1,\na,b", HEADED) == [{"H1": "a", "": "b"}]


@pytest.mark.parametrize("config", [HEADED, {**HEADED, "CSVHeaderLocation": "GIVEN"}])
def test_headers_are_different_from_each_other(config: dict[str, Any]) -> None:
    config = {**config, "CSVHeaders": ["a", "a"]}
    assert failure("a,a\n1,2", config) == "CSV headers cannot contain duplicates."


def test_headers_have_a_size() -> None:
    limits = replace(LIMITS, csv_header_bytes_max=4)
    assert values("a,b\n1,2", HEADED, limits=limits)
    assert failure("a,bb\n1,2", HEADED, limits=limits) == (
        "CSV headers cannot have more than 4 bytes."
    )


def test_headers_are_given_where_the_configuration_says_so() -> None:
    config = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}
    assert failure("a", config) == "CSVHeaders must be given when CSVHeaderLocation is GIVEN."
    assert failure("a", {"InputType": "CSV"}) == (
        "CSVHeaderLocation must be given when InputType is CSV."
    )


def test_quoted_fields_hold_delimiters_quotes_and_line_breaks() -> None:
    rows = 'a,b\r\n"1,2","say ""hi"""\r\n"x\ny",5" wide\r\n'
    assert values(rows, HEADED) == [
        {"a": "1,2", "b": 'say "hi"'},
        {"a": "x\ny", "b": '5" wide'},
    ]


@pytest.mark.parametrize(
    ("name", "mark"),
    [("COMMA", ","), ("PIPE", "|"), ("SEMICOLON", ";"), ("SPACE", " "), ("TAB", "\t")],
)
def test_delimiters_have_names(name: str, mark: str) -> None:
    assert values(f"a{mark}b\n1{mark}2", {**HEADED, "CSVDelimiter": name}) == [{"a": "1", "b": "2"}]


def test_a_byte_order_mark_is_no_part_of_the_first_header() -> None:
    assert values(b"\xef\xbb\xbfa\n1", HEADED) == [{"a": "1"}]


def test_an_empty_file_has_no_rows() -> None:
    assert values("", HEADED) == []


def test_a_compressed_file_is_read_as_what_it_holds() -> None:
    assert values(gzip.compress(b"a\n1\n"), HEADED) == [{"a": "1"}]


def test_a_damaged_compressed_file_is_refused() -> None:
    whole = gzip.compress(b"a\n1\n" * 1000)
    assert failure(whole[:-20], HEADED) == "The compressed file file is damaged."
    assert failure(whole[:20] + b"\xff" * 40, HEADED) == "The compressed file file is damaged."
    assert "Zstandard" in failure(b"\x28\xb5\x2f\xfd....", HEADED)


def test_a_compressed_file_does_not_grow_without_end() -> None:
    limits = replace(LIMITS, text_bytes_max=1000)
    bomb = gzip.compress(b"a\n" * 1_000_000)
    assert failure(bomb, HEADED, limits=limits) == "The file file has more than 1000 bytes of text."


def test_a_line_has_a_size() -> None:
    limits = replace(LIMITS, line_bytes_max=10)
    assert values("a\n12345678\n", HEADED, limits=limits) == [{"a": "12345678"}]
    assert failure("a\n12345678901\n", HEADED, limits=limits) == (
        "Line 2 of file has more than 10 bytes."
    )


def test_a_quote_that_is_never_closed_does_not_swallow_the_file() -> None:
    assert failure('a\n"b\n', HEADED) == "A quoted field of file has no end."
    endless = 'a\n"' + "b\n" * 1_000_000
    limits = replace(LIMITS, line_bytes_max=1000)
    assert failure(endless, HEADED, limits=limits) == "A row of file has more than 1000 bytes."


def test_text_that_is_not_utf_8_is_refused() -> None:
    assert failure(b"a\n\xff\n", HEADED) == "Line 2 of file is not text in UTF-8."


@given(
    st.lists(
        st.lists(st.text(st.sampled_from('ab,"\n\r é'), max_size=6), min_size=2, max_size=2),
        max_size=6,
    ),
)
def test_whatever_is_quoted_comes_back(rows: list[list[str]]) -> None:
    text = "x,y\n" + "".join(
        ",".join('"' + field.replace('"', '""') + '"' for field in row) + "\n" for row in rows
    )
    assert [list(row.values()) for row in values(text, HEADED)] == rows


@given(st.binary(max_size=60), st.sampled_from(["CSV", "JSON", "JSONL", "MANIFEST"]))
def test_hostile_files_fail_in_no_other_way(content: bytes, kind: str) -> None:
    with suppress(ItemReaderFailed):
        values(content, {**HEADED, "InputType": kind})


def test_an_array_in_a_file_gives_its_parts() -> None:
    assert values('[1, {"a": 2}]', {"InputType": "JSON"}) == [1, {"a": 2}]
    assert values("[123456789012345678901]", {"InputType": "JSON"}) == [123456789012345678901]


def test_a_pointer_finds_the_array() -> None:
    config = {"InputType": "JSON", "ItemsPointer": "/a~1b/1/~0"}
    assert values('{"a/b": [0, {"~": [7]}]}', config) == [7]
    assert failure('{"a/b": []}', config) == "ItemsPointer does not refer to anything: /a~1b/1/~0"
    assert failure("[]", {**config, "ItemsPointer": "a"}) == "ItemsPointer is not a JSON pointer: a"


def test_only_json_has_pointers() -> None:
    assert "ItemsPointer is only supported" in failure("a", {**HEADED, "ItemsPointer": "/a"})


def test_what_is_no_array_has_no_items() -> None:
    cause = "Attempting to map over non-iterable node."
    assert failure('{"Hello": "world"}', {"InputType": "JSON"}) == cause


@pytest.mark.parametrize(
    "content", [b"[1", b"", b"[NaN]", b'["\xff"]', b"[" * 100_000 + b"]" * 100_000, b"[1] x"]
)
def test_what_is_no_json_is_refused(content: bytes) -> None:
    assert failure(content, {"InputType": "JSON"}) == "There is no valid JSON in file"


def test_numbers_of_many_digits_are_refused_like_any_bad_json() -> None:
    assert failure(b"[" + b"1" * 5000 + b"]", {"InputType": "JSON"}) == (
        "There is no valid JSON in file"
    )


def test_a_json_file_has_a_size() -> None:
    limits = replace(LIMITS, json_bytes_max=5)
    assert values("[1,2]", {"InputType": "JSON"}, limits=limits) == [1, 2]
    assert failure("[1, 2]", {"InputType": "JSON"}, limits=limits) == (
        "The file file has more than 5 bytes."
    )


def test_each_line_of_json_lines_is_an_item() -> None:
    assert values('{"a": 1}\r\n\n[2]\n"x"', {"InputType": "JSONL"}) == [{"a": 1}, [2], "x"]


def test_a_bad_line_is_named() -> None:
    assert failure("1\n{\n", {"InputType": "JSONL"}) == "There is no valid JSON in line 2 of file"


def test_items_before_a_bad_line_are_read() -> None:
    assert values("1\n{\n", {"InputType": "JSONL"}, max_items=1) == [1]


def test_an_inventory_names_files_and_their_columns() -> None:
    manifest = {
        "destinationBucket": "arn:aws:s3:::inventories",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": "one.csv.gz"}, {"key": "two.csv.gz"}],
    }
    bucket = Bucket(file=json.dumps(manifest))
    bucket.objects["one.csv.gz"] = gzip.compress(b'"src","a","1"\n')
    bucket.objects["two.csv.gz"] = gzip.compress(b'"src","b","2"\n')
    assert read(bucket, {"InputType": "MANIFEST"}) == [
        Item({"Bucket": "src", "Key": "a", "Size": "1"}, "S3://inventories/one.csv.gz"),
        Item({"Bucket": "src", "Key": "b", "Size": "2"}, "S3://inventories/two.csv.gz"),
    ]


@pytest.mark.parametrize("manifest", ["[]", "{}", "7", "x", '{"files": [1]}'])
def test_what_is_no_manifest_is_refused(manifest: str) -> None:
    assert failure(manifest, {"InputType": "MANIFEST"}) == (
        "The file file is not a manifest of the type that was specified."
    )


def test_a_manifest_of_athena_names_files_to_read() -> None:
    config = {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}
    bucket = Bucket(file='s3://out/a.gz\n"s3://out/b"\n', b="2")
    bucket.objects["a.gz"] = gzip.compress(b"1")
    assert read(bucket, config) == [Item(1, "S3://out/a.gz"), Item(2, "S3://out/b")]


def test_a_manifest_of_athena_needs_places_and_a_type() -> None:
    config = {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}
    assert "is not a manifest" in failure("https://out/a", config)
    assert "is not a manifest" in failure("s3://out", config)
    assert "InputType must be CSV, JSONL or PARQUET" in failure("", {"ManifestType": "ATHENA_DATA"})


def test_a_manifest_names_no_more_files_than_are_read() -> None:
    config = {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}
    limits = replace(LIMITS, manifest_files_max=1)
    assert failure("s3://b/k\ns3://b/l", config, limits=limits) == (
        "The manifest file names more than 1 files."
    )


def test_files_are_opened_when_their_items_are_asked_for() -> None:
    config = {"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"}
    bucket = Bucket(a="1", b="2")
    assert len(read(bucket, config, action="listObjectsV2", max_items=1)) == 1
    assert bucket.opened == ["a"]


def test_no_more_items_are_read_than_a_map_run_has() -> None:
    limits = replace(LIMITS, items_max=2)
    config = {"InputType": "JSON"}
    assert values("[1,2]", config, limits=limits) == [1, 2]
    cause = "There are more than 2 items; set MaxItems to read fewer."
    assert failure("[1,2,3]", config, limits=limits) == cause
    assert failure("[1,2,3]", config, limits=limits, max_items=3) == cause
    assert values("[1,2,3]", config, limits=limits, max_items=2) == [1, 2]


def test_a_reader_names_a_bucket_and_an_object() -> None:
    reader = ItemReader(resource=parse_resource("arn:aws:states:::s3:getObject"))
    for arguments in (None, "x", {}, {"Bucket": 1}, {"Bucket": "data"}):
        with pytest.raises(ItemReaderFailed, match="The ItemReader does not name"):
            list(read_items(reader, arguments, Bucket()))
