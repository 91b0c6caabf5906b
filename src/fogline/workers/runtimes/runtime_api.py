"""The Lambda Runtime API over HTTP, for functions that bring their own runtime (`provided.*`).

Runs inside the function's environment as the process the warden watches: it starts `bootstrap`,
and carries events and answers between its HTTP requests and the frames of `workers/frames.py`.
"""

import base64
import http.server
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from local_names import Hosts
from python_runtime import Channel

VERSION = "/2018-06-01/runtime/"
BODY_BYTES_MAX = 64 << 20
STREAM_BYTES_MAX = 256 << 20
PIECE_BYTES = 65_536
TRAILERS_MAX = 16


def run(descriptor):
    """Start `bootstrap` and serve it until it ends; answers its exit status."""
    channel = Channel(descriptor)
    _, body = channel.receive()
    settings = json.loads(body)
    os.environ.clear()
    os.environ.update(settings["environment"])
    os.chdir(settings["task"])
    places = [folder + "/bootstrap" for folder in (settings["task"], settings["opt"])]
    program = next((place for place in places if os.path.isfile(place)), None)
    if program is None:
        message = "Couldn't find valid bootstrap(s): [{}]".format(" ".join(places))
        _fail(channel, "Runtime.InvalidEntrypoint", message)
        return 1
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hosts = Hosts()
    hosts.learn("\0".join(os.environ.values()).encode("utf-8", "replace"))
    server.desk = Desk(channel, hosts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_address[1]}"
    arguments = [program]
    if os.environ.get("AWS_LAMBDA_EXEC_WRAPPER"):
        arguments.insert(0, os.environ["AWS_LAMBDA_EXEC_WRAPPER"])
    environment = dict(os.environ, AWS_LAMBDA_RUNTIME_API=address)
    try:
        process = subprocess.Popen(arguments, env=environment, stdin=subprocess.DEVNULL)
    except OSError as error:
        # AWS words it so for a script without its first line, a program for another machine, ...
        reason = "permission denied" if isinstance(error, PermissionError) else "exec format error"
        _fail(channel, "Runtime.InvalidEntrypoint", f"fork/exec {program}: {reason}")
        return 1
    server.desk.process = process.pid
    code = process.wait()
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code & 0xFF


def _fail(channel, kind, message):
    error = {"errorType": kind, "errorMessage": f"Error: {message}"}
    channel.send("F", json.dumps(error).encode())


class Desk:
    """Where the one invocation in progress lies, between the socket and the requests."""

    def __init__(self, channel, hosts):
        self.channel, self.hosts = channel, hosts
        self.lock = threading.Lock()
        self.reading = threading.Lock()
        self.is_ready = False
        self.facts = None
        self.payload = b""
        self.process = 0

    def next(self):
        """The next event; the same one again for a runtime that asks twice without an answer."""
        with self.reading:
            with self.lock:
                if self.facts is not None:
                    return self.facts, self.payload
                if not self.is_ready:
                    self.is_ready = True
                    self.channel.send("Y", b"")
            _, body = self.channel.receive()
            size = struct.unpack_from(">I", body)[0]
            facts = json.loads(body[4 : 4 + size])
            self.hosts.learn(body)
            facts["deadline"] = int(time.time() * 1000) + facts["ms"]
            with self.lock:
                self.facts, self.payload = facts, body[4 + size :]
            return facts, self.payload

    def begin_stream(self, request_id, content_type):
        """Tell that an answer streams; false when it is for no invocation in progress."""
        with self.lock:
            if self.facts is None or self.facts["id"] != request_id:
                return False
            self.channel.send("T", content_type.encode("latin1", "replace")[:255])
            return True

    def add_piece(self, request_id, piece):
        with self.lock:
            if self.facts is not None and self.facts["id"] == request_id:
                self.channel.send("S", piece)

    def answer(self, request_id, kind, content_type, body):
        """Hand in an answer; false when it is for no invocation in progress."""
        with self.lock:
            if self.facts is None or self.facts["id"] != request_id:
                return False
            self.facts = None
        head = content_type.encode("latin1", "replace")[:255]
        used = _resident_mb(self.process)
        self.channel.send(kind, struct.pack(">IB", used, len(head)) + head + body)
        return True


def _resident_mb(process):
    try:
        with open(f"/proc/{process}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20
    except (OSError, IndexError):
        return 0


class Handler(http.server.BaseHTTPRequestHandler):
    """The requests of a runtime client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self):
        super().setup()
        if not _is_own(self.client_address[1]):
            raise PermissionError("another user's connection")

    def log_message(self, format, *args):
        pass

    def do_GET(self):
        if self.path != VERSION + "invocation/next":
            self.reply(404, {"errorType": "NotFound", "errorMessage": self.path})
            return
        facts, payload = self.server.desk.next()
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": facts["id"],
            "Lambda-Runtime-Deadline-Ms": str(facts["deadline"]),
            "Lambda-Runtime-Invoked-Function-Arn": facts["arn"],
            "Lambda-Runtime-Trace-Id": facts["trace"],
        }
        for name, header in (
            ("client", "Lambda-Runtime-Client-Context"),
            ("cognito", "Lambda-Runtime-Cognito-Identity"),
            ("tenant", "Lambda-Runtime-Aws-Tenant-Id"),
        ):
            if facts.get(name):
                headers[header] = facts[name]
        self.send(200, headers, payload)

    def do_POST(self):
        desk = self.server.desk
        mode = self.headers.get("Lambda-Runtime-Function-Response-Mode") or ""
        if mode.lower() == "streaming" and self.path.endswith("/response"):
            self.stream()
            return
        body = b"".join(self.pieces(BODY_BYTES_MAX))
        path = self.path[len(VERSION) :] if self.path.startswith(VERSION) else ""
        parts = path.split("/")
        if path == "init/error":
            desk.channel.send("F", body or b"{}")
            self.reply(202, {"status": "OK"})
            return
        if len(parts) != 3 or parts[0] != "invocation" or parts[2] not in ("response", "error"):
            self.reply(404, {"errorType": "NotFound", "errorMessage": self.path})
            return
        is_error = parts[2] == "error"
        kind = "E" if is_error or self.headers.get("Lambda-Runtime-Function-Error-Type") else "O"
        content_type = self.headers.get("Content-Type") or "application/json"
        if desk.answer(parts[1], kind, content_type, body):
            self.reply(202, {"status": "OK"})
        else:
            error = {"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"}
            self.reply(400, error)

    def stream(self):
        """Pass an answer on while it comes; its trailers may say that it failed."""
        desk, request_id = self.server.desk, self.path.split("/")[-2]
        content_type = self.headers.get("Content-Type") or "application/octet-stream"
        is_taken = desk.begin_stream(request_id, content_type)
        for piece in self.pieces(STREAM_BYTES_MAX):
            if is_taken:
                desk.add_piece(request_id, piece)
        kind, rest = "O", b""
        error_type = self.trailers.get("lambda-runtime-function-error-type")
        if error_type:
            kind, rest = "E", _error_of(error_type, self.trailers)
        if is_taken and desk.answer(request_id, kind, content_type, rest):
            self.reply(202, {"status": "OK"})
        else:
            error = {"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"}
            self.reply(400, error)

    def pieces(self, bytes_max):
        """The body as it comes."""
        self.trailers = {}
        if "chunked" not in (self.headers.get("Transfer-Encoding") or "").lower():
            left = min(int(self.headers.get("Content-Length") or 0), bytes_max)
            while left > 0:
                piece = self.rfile.read(min(left, PIECE_BYTES))
                if not piece:
                    return
                left -= len(piece)
                yield piece
            return
        total = 0
        while total <= bytes_max:
            size = int(self.rfile.readline(1024).split(b";")[0] or b"0", 16)
            if size == 0:
                for line in iter(lambda: self.rfile.readline(65_537).strip(), b""):
                    name, _, value = line.decode("latin1").partition(":")
                    if len(self.trailers) < TRAILERS_MAX:
                        self.trailers[name.strip().lower()] = value.strip()
                return
            total += size
            while size > 0:
                piece = self.rfile.read(min(size, PIECE_BYTES))
                if not piece:
                    return
                size -= len(piece)
                yield piece
            self.rfile.readline(1024)

    def reply(self, status, document):
        body = json.dumps(document).encode()
        self.send(status, {"Content-Type": "application/json"}, body)

    def send(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _error_of(error_type, trailers):
    try:
        body = base64.b64decode(trailers.get("lambda-runtime-function-error-body") or "")
        json.loads(body)
        return body
    except ValueError:
        return json.dumps({"errorType": error_type, "errorMessage": ""}).encode()


def _is_own(port):
    """Whether the connection from `port` is made by this environment's user.

    The loopback interface is shared by all; where each environment has a user of its own, others'
    connections are told apart by it.
    """
    if sys.platform != "linux":
        return True
    try:
        with open("/proc/net/tcp") as file:
            rows = [line.split() for line in file.readlines()[1:]]
    except OSError:
        return True
    source = f"{socket.htonl(0x7F000001):08X}:{port:04X}"
    users = [int(row[7]) for row in rows if row[1] == source]
    return not users or os.getuid() in users
