"""The yardstick: a server that reads an HTTP request and answers a fixed document, and does nothing else.

What it reaches is what the event loop, the parser and the machine can give at this moment; everything else is
told as a share of it. Run as `python bench/echo.py [PORT]`; it prints the port it listens on.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import httptools
import uvloop

DOCUMENT = (
    b'{"MessageId":"00000000-0000-0000-0000-000000000000","MD5OfMessageBody":"' + b"0" * 32 + b'"}'
)
ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\n"
    b"content-length: %d\r\n\r\n%s" % (len(DOCUMENT), DOCUMENT)
)


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._transport.write(ANSWER)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
