"""Who signed a request, by a clock that runs and by one that is moved."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from fogline.apis.signatures import Place, find_signer
from fogline.aws.call import Principal
from fogline.aws.signature_v4.checking import signing_key
from fogline.aws.signature_v4.refusals import SignatureRefused
from fogline.ports.http import HttpRequest, InnerCaller
from fogline.world.clock import ManualClock

PLACE = Place("123412341234", "us-east-1")
ANN = Principal("123412341234", "arn:aws:iam::123412341234:user/ann", "AIDA")
KEY, SECRET = "AKIAY34FZKBOKMUTVV7A", "secret"
MINUTE = 60_000


class Key:
    principal = ANN
    status = "active"

    def has_token(self, token):
        return not token

    def signing_key(self, date, region, service):
        return signing_key(SECRET, date, region, service)


class Principals:
    def find(self, access_key):
        return ANN if access_key == KEY else None

    def find_key(self, access_key):
        return Key() if access_key == KEY else None


class RunningClock:
    """A clock like the machine's, that stands elsewhere by so much."""

    def __init__(self, offset=0):
        self.offset = offset

    def now(self):
        return int(datetime.now(UTC).timestamp() * 1000) + self.offset


def request(*, presigned=0, **fields):
    made = AWSRequest("GET", "http://h/x?a=b")
    signer = SigV4QueryAuth if presigned else SigV4Auth
    more = {"expires": presigned} if presigned else {}
    signer(Credentials(KEY, SECRET), "execute-api", "us-east-1", **more).add_auth(made)
    headers = {"host": "h", **{name.lower(): value for name, value in made.headers.items()}}
    return HttpRequest("GET", made.url.removeprefix("http://h"), headers | fields)


def signer(asked, clock=None):
    return find_signer(asked, b"", PLACE, Principals(), clock or RunningClock())


def refusal(*arguments):
    with pytest.raises(SignatureRefused) as refused:
        signer(*arguments)
    return refused.value.message


@pytest.mark.parametrize("presigned", [0, 60])
def test_a_signature_is_of_now(presigned):
    asked = request(presigned=presigned)
    assert signer(asked) == (KEY, ANN)
    assert refusal(asked, RunningClock(6 * MINUTE)).startswith("Signature expired: ")
    assert refusal(asked, RunningClock(-6 * MINUTE)).startswith("Signature not yet current: ")


def test_with_the_manual_clock_it_does_not_matter_when_a_request_was_signed():
    assert signer(request(), ManualClock(0)) == (KEY, ANN)
    assert signer(request(presigned=1), ManualClock(4_102_444_800_000)) == (KEY, ANN)


def test_who_asks_from_inside_need_not_sign():
    inner = InnerCaller(Principal("1", "arn", "id"))
    asked = HttpRequest("GET", "/", {"authorization": "Bearer word"}, caller=inner)
    assert signer(asked) == ("", inner.principal)


def test_nobody_signed_a_request_that_says_nothing_of_it():
    assert signer(HttpRequest("GET", "/?a=X-Amz-Signature=1", {"host": "h"})) is None


def test_twelve_digits_are_an_account():
    asked = request(authorization="AWS4-HMAC-SHA256 Credential=111122223333/any")
    assert signer(asked).principal.arn == "arn:aws:iam::111122223333:root"


def test_a_signature_has_one_key():
    signed = request().headers["authorization"]
    scope = "20260101/us-east-1/execute-api/aws4_request"
    refusal(request(authorization=f"{signed}, Credential=other/{scope}"))
    asked = request(presigned=60)
    asked.target += f"&X-Amz-Credential={KEY}%2F{scope.replace('/', '%2F')}"
    refusal(asked)


@given(
    st.sampled_from(("", "AWS4-HMAC-SHA256 ", "AWS4-ECDSA-P256-SHA256 ", "Bearer "))
    .flatmap(lambda front: st.text(st.characters(max_codepoint=255), max_size=80).map(front.__add__)),
    st.text(st.characters(max_codepoint=255), max_size=80)
    | st.lists(st.sampled_from((
        "X-Amz-Algorithm=AWS4-HMAC-SHA256", f"X-Amz-Credential={KEY}%2Fa%2Fb%2Fc%2Fd", "X-Amz-Date=%ff",
        "X-Amz-Expires=-1", "X-Amz-SignedHeaders=host", "X-Amz-Signature=0", "X-Amz-Credential=%2F",
    )), max_size=8).map("&".join),
)  # fmt: skip
def test_whatever_comes_is_refused_or_known(authorization, query):
    for headers in ({"host": "h"}, {"host": "h", "authorization": authorization}):
        try:
            found = signer(HttpRequest("GET", f"/?{query}", headers))
        except SignatureRefused:
            continue
        assert found is None or found.principal != ANN
