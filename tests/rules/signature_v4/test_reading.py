"""Signatures as requests carry them: in a header, in a query, and neither whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.signature_v4.canonical import SignedRequest, fields_of
from fogline.aws.signature_v4.checking import check_signature
from fogline.aws.signature_v4.reading import read_header, read_query
from fogline.aws.signature_v4.refusals import SignatureRefused, hashed

CREDENTIAL = "AKID/20260301/us-east-1/execute-api/aws4_request"
DATED = {"x-amz-date": (b"20260301T120000Z",)}
WHOLE = f"AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature=0a"


def refusal(authorization, fields=DATED):
    with pytest.raises(SignatureRefused) as refused:
        read_header(authorization, fields)
    return refused.value.error, refused.value.message


def refusal_of_query(query):
    with pytest.raises(SignatureRefused) as refused:
        read_query(query, {})
    return refused.value.error, refused.value.message


def test_a_header_tells_all_of_its_signature():
    read = read_header(WHOLE, {**DATED, "x-amz-security-token": (b"token",)})
    assert read[:8] == (
        "AKID", "20260301", "us-east-1", "execute-api", "aws4_request", ("host", "x-amz-date"), "0a",
        "20260301T120000Z",
    )  # fmt: skip
    assert (read.at, read.token) == (1_772_366_400_000, "token")
    assert read_header(WHOLE.replace(", ", ","), DATED)[:7] == read[:7]


def test_the_date_may_be_that_of_http():
    read = read_header(WHOLE, {"date": (b"Sun, 01 Mar 2026 12:00:00 GMT",)})
    assert (read.moment, read.at) == ("20260301T120000Z", 1_772_366_400_000)


@pytest.mark.parametrize("header", ["Bearer word", "word", "AWS4-HMAC-SHA256 Credential"])
def test_what_has_no_pairs_is_no_signature_and_not_repeated(header):
    assert refusal(header) == (
        "IncompleteSignatureException",
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded "
        f"with Base64): '{hashed(header)}'.",
    )


def test_all_that_is_missing_is_named():
    header = "Basic d29yZA=="
    assert refusal(header, {})[1] == (
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' "
        "parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires "
        "existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) "
        f"Authorization={hashed(header)}"
    )


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (("host;", ""), "InvalidSignatureException",
         "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
        (("HMAC-SHA256", "ECDSA-P256-SHA256"), "IncompleteSignatureException",
         "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."),
        (("AKID/", ""), "IncompleteSignatureException",
         "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
         "got '20260301/us-east-1/execute-api/aws4_request'"),
    ],
)  # fmt: skip
def test_a_signature_of_another_kind_is_refused(change, error, message):
    assert refusal(WHOLE.replace(*change)) == (error, message)


@pytest.mark.parametrize(
    "date", [b"yesterday", b"20261301T120000Z", b"2026-03-01T12:00:00Z", b"\xff"]
)
def test_a_date_has_to_be_one(date):
    error, message = refusal(WHOLE, {"x-amz-date": (date,)})
    assert error == "IncompleteSignatureException"
    assert message.startswith("Date must be in ISO-8601 'basic format'. Got '")


def test_a_presigned_request_has_all_its_parameters():
    whole = (
        f"a=b&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={CREDENTIAL.replace('/', '%2F')}"
        "&X-Amz-Date=20260301T120000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host"
        "&X-Amz-Security-Token=a%2Bb&X-Amz-Signature=0a"
    )
    read = read_query(whole, {})
    assert (read.access_key, read.expires_seconds, read.token) == ("AKID", 60, "a+b")
    assert refusal_of_query("X-Amz-Credential=a&X-Amz-Date=") == (
        "IncompleteSignatureException",
        "AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include "
        "'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string "
        "parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    )
    assert "number" in refusal_of_query(whole.replace("=60", "=%31x"))[1]
    assert "week" in refusal_of_query(whole.replace("=60", "=604801"))[1]


@given(
    st.text(max_size=60) | st.lists(st.sampled_from(WHOLE.split(", ")), max_size=4).map(", ".join),
    st.dictionaries(
        st.sampled_from(("host", "x-amz-date", "date", "x-amz-content-sha256")),
        st.tuples(st.binary(max_size=20) | st.just(b"20260301T120000Z")),
    ),
    st.text(st.characters(max_codepoint=255), max_size=60),
)
def test_whatever_comes_is_refused_and_breaks_nothing(authorization, fields, text):
    for read in (lambda: read_header(authorization, fields), lambda: read_query(text, fields)):
        request = SignedRequest("GET", text, text, fields_of([(b"Host", text.encode())]), b"")
        with pytest.raises(SignatureRefused):
            check_signature(read(), request, lambda *_: b"key")
