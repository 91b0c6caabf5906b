"""Functions reach this platform by its names, and trust its certificates beside all others."""

import os
import sys

import pytest

from fogline.gateway.tls import Tls
from fogline.workers.limits import WorkerLimits

PYTHON = """
    import asyncio, os, socket, urllib.request
    import boto3

    def handler(url, context):
        with urllib.request.urlopen(url + "/_fogline/health") as answer:
            status = answer.status
        name = url.split("/")[2].partition(":")[0]
        queues = boto3.client("sqs", endpoint_url=url).list_queues(QueueNamePrefix="none")
        found = {
            socket.gethostbyname(name), socket.gethostbyname_ex(name.upper())[2][0],
            socket.getaddrinfo(name + ".", 443, type=socket.SOCK_STREAM)[0][4][0],
            asyncio.run(resolve(name))[0][4][0],
        }
        return [status, queues["ResponseMetadata"]["HTTPStatusCode"], sorted(found)]

    async def resolve(name):
        return await asyncio.get_running_loop().getaddrinfo(name, 443)
"""

NODE = """
    const https = require('https');
    const dns = require('dns');
    const { promisify } = require('util');
    const get = (url) => new Promise((resolve, reject) =>
      https.get(url, (answer) => resolve(answer.resume().statusCode)).on('error', reject));
    exports.handler = async (url) => {
      const name = new URL(url).hostname;
      const found = [(await dns.promises.lookup(name)).address, (await promisify(dns.lookup)(name)).address];
      return [await get(url + '/_fogline/health'), (await fetch(url + '/_fogline/health')).status, found];
    };
"""

BOOTSTRAP = """\
#!{python} -I
import http.client, json, os, ssl
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    response = api.getresponse()
    request, event = response.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(response.read())
    host = event or os.environ["HOST"]
    client = http.client.HTTPSConnection(host, context=ssl.create_default_context())
    client.request("GET", "/_fogline/health")
    api.request("POST", f"/2018-06-01/runtime/invocation/{{request}}/response", str(client.getresponse().status))
    api.getresponse().read()
"""


@pytest.fixture(params=[True, False], ids=["isolated", "not isolated"])
def trusting(request, make_workers, fogline_platform):
    tls = fogline_platform.platform.tls
    return make_workers(isolate=request.param, limits=WorkerLimits(spares=1), trust=tls.trust_files)


@pytest.fixture
def url(fogline_platform):
    return f"https://sqs.us-east-1.localhost:{fogline_platform.platform.port}"


def test_functions_in_python_do(trusting, make_function, url):
    assert trusting.result(make_function(PYTHON), url) == [200, 200, ["127.0.0.1"]]


def test_functions_in_node_do(trusting, make_node_function, url):
    spec = make_node_function(NODE)
    for _ in range(2):
        assert trusting.result(spec, url) == [200, 200, ["127.0.0.1", "127.0.0.1"]]


@pytest.fixture
def make_custom_function(make_function):
    def make(**environment):
        code = {"bootstrap": BOOTSTRAP.format(python=os.path.realpath(sys.executable))}
        spec = make_function(code, runtime="provided.al2023", environment=environment)
        (spec.code_folder / "bootstrap").chmod(0o755)
        return spec

    return make


def test_functions_with_a_runtime_of_their_own_do(trusting, make_custom_function, fogline_platform):
    host = f"127.0.0.1:{fogline_platform.platform.port}"
    assert trusting.result(make_custom_function(), host) == 200


@pytest.mark.namespaces
def test_they_find_the_names_that_they_are_given(
    make_workers, make_custom_function, fogline_platform
):
    workers = make_workers(trust=fogline_platform.platform.tls.trust_files)
    port = fogline_platform.platform.port
    spec = make_custom_function(HOST=f"given.a.localhost:{port}")
    for event in (f"sqs.us-east-1.localhost:{port}", f"other.localhost:{port}", None):
        assert workers.result(spec, event) == 200


def test_the_authorities_of_the_internet_are_still_trusted(trusting, make_function):
    spec = make_function(
        """
        import ssl
        def handler(event, context):
            return len(ssl.create_default_context().get_ca_certs())
        """
    )
    assert trusting.result(spec) > 50


def test_what_a_function_sets_itself_holds(trusting, make_function, make_node_function):
    own = {"AWS_CA_BUNDLE": "/var/task/own.pem", "NODE_EXTRA_CA_CERTS": "/var/task/own.pem"}
    python = "import os\ndef handler(event, context): return os.environ['AWS_CA_BUNDLE']"
    node = "exports.handler = async () => process.env.NODE_EXTRA_CA_CERTS;"
    for spec in (make_function(python, environment=own), make_node_function(node, environment=own)):
        assert trusting.result(spec) == "/var/task/own.pem"


@pytest.mark.namespaces
def test_the_file_that_aws_names_for_node_is_there(
    make_workers, make_node_function, fogline_platform, url
):
    workers = make_workers(trust=fogline_platform.platform.tls.trust_files)
    own = {"NODE_EXTRA_CA_CERTS": "/var/runtime/ca-cert.pem"}
    assert workers.result(make_node_function(NODE, environment=own), url)[0] == 200


@pytest.mark.namespaces
def test_the_key_of_the_authority_is_out_of_reach(make_workers, make_function, tmp_path):
    tls = Tls(tmp_path / "tls")
    workers = make_workers(trust=tls.trust_files)
    spec = make_function(
        """
        import os
        def handler(folder, context):
            return [os.listdir("/var/runtime"), os.path.exists(folder)]
        """
    )
    shown, is_reached = workers.result(spec, str(tmp_path / "tls" / "ca-key.pem"))
    assert sorted(shown) == ["ca-bundle.pem", "ca-cert.pem"]
    assert not is_reached
