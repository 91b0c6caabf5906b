"""The helper modules that CloudFormation puts beside inline code, for functions behind custom resources.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html
"""

from __future__ import annotations

import io
import zipfile

PYTHON = '''\
"""Answers CloudFormation on behalf of a custom resource."""

import json
import urllib.request

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(
    event,
    context,
    responseStatus,
    responseData,
    physicalResourceId=None,
    noEcho=False,
    reason=None,
):
    answer = {
        "Status": responseStatus,
        "Reason": reason or "See the details in CloudWatch Log Stream: " + context.log_stream_name,
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }
    body = json.dumps(answer).encode()
    print("Response body:", body.decode())
    request = urllib.request.Request(
        event["ResponseURL"], data=body, method="PUT", headers={"content-type": ""}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            print("Status code:", response.status)
    except OSError as error:
        print("send(..) failed executing the request:", error)
'''

NODE = """\
'use strict';
// Answers CloudFormation on behalf of a custom resource.
exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';

exports.send = function (event, context, responseStatus, responseData, physicalResourceId, noEcho) {
  return new Promise((resolve) => {
    const body = JSON.stringify({
      Status: responseStatus,
      Reason: 'See the details in CloudWatch Log Stream: ' + context.logStreamName,
      PhysicalResourceId: physicalResourceId || context.logStreamName,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
      NoEcho: noEcho || false,
      Data: responseData,
    });
    console.log('Response body:\\n', body);
    const url = new URL(event.ResponseURL);
    const client = require(url.protocol === 'https:' ? 'https' : 'http');
    const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) };
    const finish = (said) => {
      console.log(said);
      if (typeof context.done === 'function') context.done();
      resolve();
    };
    const request = client.request(url, { method: 'PUT', headers }, (response) => {
      response.resume();
      response.on('end', () => finish('Status code: ' + response.statusCode));
    });
    request.on('error', (error) => finish('send(..) failed executing the request: ' + error));
    request.end(body);
  });
};
"""

_ALWAYS = (1980, 1, 1, 0, 0, 0)


def inline_package(code: str, runtime: str) -> bytes:
    """The zip of inline code: the same bytes for the same code."""
    if runtime.startswith("nodejs"):
        files = {"index.js": code, "node_modules/cfn-response/index.js": NODE}
    else:
        files = {"index.py": code, "cfnresponse.py": PYTHON}
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return body.getvalue()
