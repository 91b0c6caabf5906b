"""Signature Version 4: what botocore signs is accepted, and nothing else that looks like it."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fogline.aws.signature_v4.canonical import SignedRequest, canonical_request, fields_of
from fogline.aws.signature_v4.checking import (
    check_scope,
    check_signature,
    check_time,
    signing_key,
)
from fogline.aws.signature_v4.reading import read_header, read_query
from fogline.aws.signature_v4.refusals import SignatureRefused

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEY = "AKIDEXAMPLE"
HOST = "abc.execute-api.us-east-1.localhost:4566"
PRINTABLE = st.characters(min_codepoint=33, max_codepoint=126)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def key_of(secret=SECRET):
    return lambda *scope: signing_key(secret, *scope)


def signed(method="GET", target="/", headers=(), body=b"", *, presigned=0, token=None, host=HOST):
    """A request as botocore signs it, and as it stands on the wire."""
    request = AWSRequest(method, f"http://{host}{target}", dict(headers), body)
    credentials = Credentials(KEY, SECRET, token)
    if presigned:
        SigV4QueryAuth(credentials, "execute-api", "us-east-1", expires=presigned).add_auth(request)
    else:
        SigV4Auth(credentials, "execute-api", "us-east-1").add_auth(request)
    raw = [(b"Host", host.encode())]
    raw += [(name.encode(), value.encode()) for name, value in request.headers.items()]
    parts = urlsplit(request.url)
    fields = fields_of(raw)
    request = SignedRequest(method, parts.path, parts.query, fields, body)
    return request, read(request)


def read(request):
    authorization = request.fields.get("authorization")
    if authorization:
        return read_header(authorization[-1].decode(), request.fields)
    return read_query(request.query, request.fields)


def refusal(check, *arguments):
    with pytest.raises(SignatureRefused) as refused:
        check(*arguments)
    return refused.value


# ---- what real signers sign


@settings(deadline=None)
@given(
    method=st.sampled_from(("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")),
    path=st.lists(TEXTS, max_size=5),
    query=st.lists(st.tuples(TEXTS.filter(bool), TEXTS), max_size=5),
    headers=st.dictionaries(
        st.text(st.sampled_from("abcdefxyz-0189"), min_size=1, max_size=8).map("x-".__add__),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
        max_size=4,
    ),
    body=st.binary(max_size=60),
    presigned=st.sampled_from((0, 60)),
    token=st.none() | st.text(PRINTABLE, min_size=1, max_size=30),
)
def test_whatever_botocore_signs_is_accepted(method, path, query, headers, body, presigned, token):
    target = "/" + "/".join(quote(each, safe="") for each in path)
    if query:
        target += "?" + urlencode(query, quote_via=quote, safe="")
    assume(not presigned or not body)
    request, signature = signed(
        method, target, headers.items(), body, presigned=presigned, token=token
    )
    check_scope(signature, "us-east-1", "execute-api")
    check_time(signature, int(datetime.now(UTC).timestamp() * 1000))
    check_signature(signature, request, key_of())
    assert (signature.access_key, signature.token) == (KEY, token or "")


@pytest.mark.parametrize(
    "target",
    [
        "/a//b/./c/../d/", "/..", "/a/.", "/-._~", "/a%20b", "/a%2Fb", "/é".encode().decode("latin-1"),
        "/a+b", "/(a)'b!*,;:@&=$", "/?a=2&a=1&b", "/?b&a=", "/?%C3%A9=%20", "/.well-known/x",
    ],
)  # fmt: skip
def test_odd_addresses_are_spelled_as_botocore_spells_them(target):
    if not target.isascii():
        target = quote(target.encode("latin-1"), safe="/?=&")
    request, signature = signed(target=target)
    check_signature(signature, request, key_of())


@pytest.mark.parametrize("query", ["q=a+b", "q=a:b,c", "q=*!'()", "q=%7e"])
def test_a_query_is_encoded_as_aws_encodes_it_whatever_the_client_did(query):
    decoded = {"q=a+b": "q=a%20b", "q=a:b,c": "q=a%3Ab%2Cc", "q=*!'()": "q=%2A%21%27%28%29"}
    request, signature = signed(target=f"/?{decoded.get(query, 'q=~')}")
    check_signature(signature, request._replace(query=query), key_of())


# ---- vectors that AWS publishes


def test_aws_published_get_vanilla_query_order():
    authorization = (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    )
    fields = fields_of([(b"Host", b"example.amazonaws.com"), (b"X-Amz-Date", b"20150830T123600Z")])
    request = SignedRequest("GET", "/", "Param2=value2&Param1=value1", fields, b"")
    check_signature(read_header(authorization, fields), request, key_of())


def test_aws_published_get_vanilla():
    authorization = (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )
    fields = fields_of([(b"Host", b"example.amazonaws.com"), (b"X-Amz-Date", b"20150830T123600Z")])
    request = SignedRequest("GET", "/", "", fields, b"")
    signature = read_header(authorization, fields)
    check_signature(signature, request, key_of())
    assert canonical_request(signature, request, "hash") == (
        b"GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\nhash"
    )


def test_values_of_headers_are_trimmed_and_come_in_their_order():
    authorization = (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;my-header1;x-amz-date, "
        "Signature=c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"
    )
    fields = fields_of(
        [
            (b"Host", b"example.amazonaws.com"),
            (b"My-Header1", b"value2"),
            (b"My-Header1", b" value2 "),
            (b"my-header1", b"value1"),
            (b"X-Amz-Date", b"20150830T123600Z"),
        ]
    )
    request = SignedRequest("GET", "/", "", fields, b"")
    check_signature(read_header(authorization, fields), request, key_of())


# ---- what is not signed so


@pytest.mark.parametrize("change", ["method", "path", "query", "body", "header", "secret"])
def test_a_request_that_was_changed_is_refused(change):
    request, signature = signed("POST", "/a?b=c", {"x-one": "1"}, b"body")
    changed = {
        "method": request._replace(method="PUT"),
        "path": request._replace(path="/b"),
        "query": request._replace(query="b=d"),
        "body": request._replace(body=b"BODY"),
        "header": request._replace(fields={**request.fields, "x-one": (b"2",)}),
        "secret": request,
    }[change]
    key = key_of("other") if change == "secret" else key_of()
    refused = refusal(check_signature, signature, changed, key)
    assert refused.error == "InvalidSignatureException"
    assert refused.message.startswith("The request signature we calculated does not match")


def test_a_refusal_shows_what_should_have_been_signed():
    request, signature = signed(target="/a%20b")
    refused = refusal(check_signature, signature, request._replace(path="/c%20d"), key_of())
    date = signature.moment
    canonical = f"GET\n/c%2520d\n\nhost:{HOST}\nx-amz-date:{date}\n\nhost;x-amz-date\n"
    assert f"have been\n'{canonical}e3b0c442" in refused.whole_message
    assert f"have been\n'AWS4-HMAC-SHA256\n{date}\n{date[:8]}/us-east-1/" in refused.whole_message
    assert refused.whole_message.endswith("'\n")


def test_who_signs_the_host_without_its_port_is_understood():
    request, signature = signed(host=HOST.partition(":")[0])
    sent = request._replace(fields={**request.fields, "host": (HOST.encode(),)})
    check_signature(signature, sent, key_of())
    other = request._replace(fields={**request.fields, "host": (b"other:4566",)})
    refusal(check_signature, signature, other, key_of())


@pytest.mark.parametrize(
    ("said", "body", "is_accepted"),
    [
        ("UNSIGNED-PAYLOAD", b"anything", True),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", b"chunks", True),
        ("0" * 64, b"anything", False),
    ],
)
def test_a_client_may_say_what_stands_for_the_body(said, body, is_accepted):
    request, signature = signed("POST", "/", {"X-Amz-Content-SHA256": said}, body)
    if is_accepted:
        check_signature(signature, request, key_of())
    else:
        refusal(check_signature, signature, request, key_of())


def test_lambda_wants_every_body_signed():
    request = AWSRequest("POST", "http://h/", {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}, b"x")
    SigV4Auth(Credentials(KEY, SECRET), "lambda", "us-east-1").add_auth(request)
    raw = [(name.encode(), value.encode()) for name, value in request.headers.items()]
    fields = fields_of([(b"Host", b"h"), *raw])
    signature = read_header(request.headers["Authorization"], fields)
    refusal(check_signature, signature, SignedRequest("POST", "/", "", fields, b"x"), key_of())
    check_signature(signature, SignedRequest("POST", "/", "", fields, b""), key_of())


# ---- scope and time


def test_a_credential_is_scoped_to_region_service_and_day():
    _, signature = signed()
    check_scope(signature, "us-east-1", "execute-api")
    elsewhere = signature._replace(
        region="eu-west-1", service="s3", terminator="end", date="20000101"
    )
    day = signature.moment[:8]
    assert refusal(check_scope, elsewhere, "us-east-1", "execute-api").message == (
        "Credential should be scoped to a valid region, not 'eu-west-1'. "
        "Credential should be scoped to correct service: 'execute-api'. "
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'end'. "
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
        f"'20000101' != '{day}', from '{signature.moment}'."
    )


def at(text, **more):
    _, signature = signed()
    moment = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return signature._replace(moment=text, at=int(moment.timestamp()) * 1000, **more)


NOON = at("20260301T120000Z").at


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("20260301T115500Z", ""),
        (
            "20260301T115459Z",
            "Signature expired: 20260301T115459Z is now earlier than 20260301T115500Z (20260301T120000Z - 5 min.)",
        ),
        ("20260301T120500Z", ""),
        (
            "20260301T120501Z",
            "Signature not yet current: 20260301T120501Z is still later than 20260301T120500Z "
            "(20260301T120000Z + 5 min.)",
        ),
    ],
)
def test_a_signature_is_good_for_five_minutes_either_way(text, message):
    if not message:
        check_time(at(text), NOON)
    else:
        assert refusal(check_time, at(text), NOON).message == message


def test_a_presigned_request_is_good_as_long_as_it_says():
    early = at("20260301T110000Z", expires_seconds=3_600)
    check_time(early, NOON)
    assert "Signature expired" in refusal(check_time, early, NOON + 1_000).message
    assert "- 90 sec." in refusal(check_time, early._replace(expires_seconds=90), NOON).message
