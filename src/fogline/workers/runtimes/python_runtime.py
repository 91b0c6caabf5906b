"""The Python runtime: loads a handler and answers invocations over a socket.

Runs in any Python from 3.8 on, so it uses the standard library alone. Results, errors and log lines
are those of AWS's Python runtime. Frames are 4 bytes of length, 1 of kind, then the body; they are
listed in `workers/frames.py`.
"""

import functools
import importlib
import importlib.machinery
import json
import logging
import os
import resource
import socket
import struct
import sys
import time
import traceback

SDK_PACKAGES = frozenset(
    ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3", "awscrt")
)
LOCAL_ENDINGS = (".localhost", ".localhost.localstack.cloud")
HOME = "127.45.66.1"
"""An address that nobody has: what means our endpoint is found there, and who connects to it comes to us."""
LOG_FRAME = b"\xa5\x5a\x00\x03"
_THIS_FILE = os.path.abspath(__file__)
_folder_of_sdk = ""
_home_names = frozenset()


# Before any function: what every fork inherits.


class SdkFinder:
    """Finds the AWS SDK's packages in one folder, and nothing else that happens to lie there."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if path is None and name in SDK_PACKAGES:
            return importlib.machinery.PathFinder.find_spec(name, [_folder_of_sdk], target)
        return None


def preload(folder_if_missing):
    """Import boto3 and most of what its clients need. Answers its version, "" if there is none.

    As on AWS, the SDK is the only package that functions find without bringing it along: the rest of
    the interpreter's site-packages leaves the path.
    """
    global _folder_of_sdk
    find_local_names()
    spec = importlib.machinery.PathFinder.find_spec("boto3")
    folder = os.path.dirname(os.path.dirname(spec.origin)) if spec and spec.origin else ""
    sys.path[:] = [
        entry
        for entry in sys.path
        if os.path.basename(entry) not in ("site-packages", "dist-packages", "runtimes")
    ]
    version = ""
    for candidate in (folder, folder_if_missing):
        if candidate:
            _folder_of_sdk = candidate
            version = _import_sdk()
            if version:
                break
    importlib.invalidate_caches()
    return version


def find_local_names():
    """Make names under `.localhost` this machine, as RFC 6761 has it: few systems' resolvers know them."""
    getaddrinfo = socket.getaddrinfo

    @functools.wraps(getaddrinfo)
    def find(host, port, family=0, type=0, proto=0, flags=0):
        if _is_local(host):
            host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
        elif _is_home(host):
            host = HOME
        return getaddrinfo(host, port, family, type, proto, flags)

    def find_one(ask):
        def asked(name):
            return ask("127.0.0.1" if _is_local(name) else HOME if _is_home(name) else name)

        return functools.wraps(ask)(asked)

    socket.getaddrinfo = find
    socket.gethostbyname = find_one(socket.gethostbyname)
    socket.gethostbyname_ex = find_one(socket.gethostbyname_ex)


def _is_local(name):
    return _plain(name).endswith(LOCAL_ENDINGS)


def _is_home(name):
    if not _home_names:
        return False
    name = _plain(name)
    return name in _home_names or "*." + name.partition(".")[2] in _home_names


def _plain(name):
    if isinstance(name, (bytes, bytearray)):
        name = name.decode("latin-1")
    return name.lower().rstrip(".") if isinstance(name, str) else ""


def _lead_home(home):
    """Make the names by which AWS knows our APIs lead to our endpoint, at whatever port they are asked for."""
    global _home_names
    _home_names = frozenset(home["names"])
    if not _home_names:
        return
    place = (home["host"], home["port"])

    def redirected(connect):
        @functools.wraps(connect)
        def connecting(self, address):
            # By name, too: such a name is never looked up where others are.
            host = address[0] if isinstance(address, tuple) and address else ""
            return connect(self, place if host == HOME or _is_home(host) else address)

        return connecting

    socket.socket.connect = redirected(socket.socket.connect)
    socket.socket.connect_ex = redirected(socket.socket.connect_ex)


def _import_sdk():
    sys.meta_path.append(SdkFinder)
    before = set(sys.modules)
    try:
        import boto3
        import botocore.session

        # Making a client imports the two hundred modules that the first client would.
        session = botocore.session.Session()
        session.create_client(
            "sqs",
            region_name="us-east-1",
            aws_access_key_id="preload",
            aws_secret_access_key="preload",  # noqa: S106
            endpoint_url="http://localhost",
        )
        return boto3.__version__
    except Exception:
        sys.meta_path.remove(SdkFinder)
        for name in set(sys.modules) - before:
            if name.split(".")[0] in SDK_PACKAGES:
                del sys.modules[name]
        return ""
    finally:
        logging.getLogger("botocore").handlers.clear()


def own_folders():
    """The folders this interpreter and the SDK live in."""
    real = os.path.realpath(sys.executable)
    folders = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
    folders.append(os.path.dirname(os.path.dirname(real)))
    return [folder for folder in (*folders, _folder_of_sdk) if folder]


def _prefer_own_sdk(folders):
    """Forget the preloaded SDK when the function brings any package of it."""
    if not _folder_of_sdk:
        return
    for folder in folders:
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        if any(name.split(".")[0] in SDK_PACKAGES for name in names):
            break
    else:
        return
    for name in list(sys.modules):
        if name.split(".")[0] in SDK_PACKAGES:
            del sys.modules[name]


# One environment.


class Fault(Exception):
    """An error with a name that AWS's runtime gives."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind, self.message, self.trace = kind, message, list(trace)


class Channel:
    """The framed socket to the server."""

    def __init__(self, descriptor):
        self.socket = socket.socket(fileno=descriptor)
        self.socket.setblocking(True)
        self.buffer = bytearray()

    def receive(self):
        """The next frame: its kind and its body. Ends the process when the server is gone."""
        self._fill(5)
        size, kind = struct.unpack_from(">IB", self.buffer)
        self._fill(5 + size)
        body = bytes(memoryview(self.buffer)[5 : 5 + size])
        del self.buffer[: 5 + size]
        return chr(kind), body

    def _fill(self, size):
        while len(self.buffer) < size:
            more = self.socket.recv(262144)
            if not more:
                os._exit(0)
            self.buffer += more

    def send(self, kind, body):
        self.socket.sendall(struct.pack(">IB", len(body), ord(kind)) + body)


def run(descriptor):
    """Serve invocations until the server closes the socket; answers an exit status."""
    channel = Channel(descriptor)
    _, body = channel.receive()
    settings = json.loads(body)
    sink = LogSink()
    sys.stdout = Unbuffered(os.fdopen(1, "w", encoding="utf-8", errors="backslashreplace"))
    sys.stderr = Unbuffered(os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace"))
    runtime = None
    try:
        _enter(settings)
        runtime = Runtime(channel, sink)
        runtime.load(os.environ["_HANDLER"])
    except Fault as fault:
        error = make_error(fault.message, fault.kind, fault.trace)
    except SystemExit as exit_request:
        return _status_of(exit_request)
    except BaseException as exception:
        error = describe(exception)
    else:
        channel.send("Y", b"")
        return runtime.serve()
    log_error(error, sink)
    channel.send("F", encode(error).encode())
    return 1


def _enter(settings):
    # A function may have modules of these names.
    for name in ("sandbox", "python_runtime"):
        sys.modules.pop(name, None)
    os.environ.clear()
    os.environ.update(settings["environment"])
    time.tzset()
    _lead_home(settings["home"])
    task, opt = settings["task"], settings["opt"]
    os.chdir(task)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    layers = [opt + "/python/lib/" + version + "/site-packages", opt + "/python"]
    user = [entry for entry in os.environ.get("PYTHONPATH", "").split(":") if entry]
    _prefer_own_sdk([task, *layers])
    sys.path[:0] = [task, *(entry for entry in user if entry not in (task, *layers)), *layers]
    sys.argv[:] = ["/var/runtime/bootstrap"]
    importlib.invalidate_caches()


def _status_of(exit_request):
    code = exit_request.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    sys.stderr.write(f"{code}\n")
    return 1


class Runtime:
    """The loop of one environment's invocations."""

    def __init__(self, channel, sink):
        self.channel, self.sink = channel, sink
        self.request_id, self.tenant_id = "", None
        self.handler = None
        self._set_up_logging()

    def _set_up_logging(self):
        logging.Formatter.converter = time.gmtime
        is_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
        handler = SinkHandler(self.sink)
        if is_json:
            handler.setFormatter(JsonFormatter())
        else:
            layout = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
            handler.setFormatter(logging.Formatter(layout, "%Y-%m-%dT%H:%M:%S"))
        handler.addFilter(self._stamp)
        root = logging.getLogger()
        level = {"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(level, level)
        if level in logging._nameToLevel:
            root.setLevel(level)
        root.addHandler(handler)

    def _stamp(self, record):
        record.aws_request_id = self.request_id
        record.tenant_id = self.tenant_id
        return True

    def load(self, name):
        """Import the module of the handler and find the function in it."""
        try:
            module_name, function_name = name.rsplit(".", 1)
        except ValueError as error:
            message = f"Bad handler '{name}': {error}"
            raise Fault("Runtime.MalformedHandlerName", message) from None
        if module_name.split(".")[0] in sys.builtin_module_names:
            message = f"Cannot use built-in module {module_name} as a handler module"
            raise Fault("Runtime.BuiltInModuleConflict", message)
        try:
            module = importlib.import_module(module_name.replace("/", "."))
        except ImportError as error:
            message = f"Unable to import module '{module_name}': {error}"
            raise Fault("Runtime.ImportModuleError", message) from None
        except SyntaxError as error:
            trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
            message = f"Syntax error in module '{module_name}': {error}"
            raise Fault("Runtime.UserCodeSyntaxError", message, trace) from None
        try:
            self.handler = getattr(module, function_name)
        except AttributeError:
            message = f"Handler '{function_name}' missing on module '{module_name}'"
            raise Fault("Runtime.HandlerNotFound", message) from None

    def serve(self):
        while True:
            _, body = self.channel.receive()
            size = struct.unpack_from(">I", body)[0]
            facts = json.loads(body[4 : 4 + size])
            self.request_id, self.tenant_id = facts["id"], facts.get("tenant")
            os.environ["_X_AMZN_TRACE_ID"] = facts["trace"]
            try:
                kind, content_type, result = self.answer(facts, body[4 + size :])
            except SystemExit as exit_request:
                return _status_of(exit_request)
            head = content_type.encode()
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            used = peak // 1024 if sys.platform == "linux" else peak // 1048576
            self.channel.send(kind, struct.pack(">IB", used, len(head)) + head + result)

    def answer(self, facts, payload):
        try:
            context = Context(facts)
            try:
                event = json.loads(payload)
            except Exception as error:
                message = f"Unable to unmarshal input: {error}"
                raise Fault("Runtime.UnmarshalError", message) from None
            response = self.handler(event, context)
            if isinstance(response, bytes):
                return "O", "application/unknown", response
            try:
                return "O", "application/json", encode(response).encode("utf-8", "surrogatepass")
            except Exception as error:
                message = f"Unable to marshal response: {error}"
                raise Fault("Runtime.MarshalError", message) from None
        except Fault as fault:
            error = make_error(fault.message, fault.kind, fault.trace, self.request_id)
        except SystemExit:
            raise
        except BaseException as exception:
            error = describe(exception, self.request_id)
        log_error(error, self.sink)
        return "E", "application/json", encode(error).encode("utf-8", "backslashreplace")


# What handlers are given.


class Record:
    """Named members, absent ones None."""

    members = ()

    def __init__(self, values):
        for name in self.members:
            setattr(self, name, values.get(name))

    def __repr__(self):
        inside = ",".join(f"{name}={getattr(self, name)}" for name in self.members)
        return f"{type(self).__name__}([{inside}])"


class CognitoIdentity(Record):
    members = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(Record):
    members = (
        "installation_id",
        "app_title",
        "app_version_name",
        "app_version_code",
        "app_package_name",
    )


class ClientContext(Record):
    members = ("custom", "env", "client")


class Context:
    """The handler's second argument."""

    def __init__(self, facts):
        environ = os.environ
        self.aws_request_id = facts["id"]
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = facts["arn"]
        self.tenant_id = facts.get("tenant")
        self.client_context = None
        if facts.get("client"):
            self.client_context = ClientContext(_parse(facts["client"], "Client Context"))
            if self.client_context.client is not None:
                self.client_context.client = Client(self.client_context.client)
        identity = _parse(facts["cognito"], "Cognito Identity") if facts.get("cognito") else {}
        self.identity = CognitoIdentity(
            {
                "cognito_identity_id": identity.get("cognitoIdentityId"),
                "cognito_identity_pool_id": identity.get("cognitoIdentityPoolId"),
            }
        )
        self._deadline = time.monotonic() + facts["ms"] / 1000

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, msg):
        sys.stdout.write(str(msg))

    def __repr__(self):
        names = (
            "aws_request_id",
            "log_group_name",
            "log_stream_name",
            "function_name",
            "memory_limit_in_mb",
            "function_version",
            "invoked_function_arn",
            "client_context",
            "identity",
            "tenant_id",
        )
        inside = ",".join(f"{name}={getattr(self, name)}" for name in names)
        return f"LambdaContext([{inside}])"


def _parse(text, what):
    try:
        return json.loads(text)
    except ValueError as error:
        message = f"Unable to parse {what} JSON: {error}"
        raise Fault("Runtime.LambdaContextUnmarshalError", message) from None


# What comes out: results, errors, log lines.


class _Number(float):
    """A Decimal on its way into JSON: digits as they are, which only a float's repr may be."""

    def __new__(cls, value):
        number = float.__new__(cls, value)
        number.digits = str(value)
        return number

    def __repr__(self):
        return self.digits


def _encode_other(value):
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(value, decimal.Decimal):
        return float("nan") if value.is_nan() else _Number(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _float_text(value):
    if value != value:
        return "NaN"
    if type(value) is _Number:
        return value.digits
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return float.__repr__(value)


class _ExactEncoder(json.JSONEncoder):
    """The slow encoder, asked only when the response holds a Decimal."""

    def iterencode(self, o, _one_shot=False):
        return json.encoder._make_iterencode(
            {},
            self.default,
            json.encoder.encode_basestring,
            None,
            _float_text,
            ": ",
            ", ",
            False,
            False,
            False,
        )(o, 0)


_fast = json.JSONEncoder(ensure_ascii=False)


def encode(value):
    """JSON as AWS's runtime writes it. It knows Decimal, as what boto3 reads from DynamoDB is full of it."""
    try:
        return _fast.encode(value)
    except TypeError:
        return _ExactEncoder(ensure_ascii=False, default=_encode_other).encode(value)


def make_error(message, kind, trace, request_id=""):
    return {
        "errorMessage": message or "",
        "errorType": kind or "",
        "requestId": request_id,
        "stackTrace": trace or [],
    }


def describe(exception, request_id=""):
    """An exception as the error payload, without the frames of this file at its start."""
    frames = [
        (frame.filename, frame.lineno, frame.name, frame.line)
        for frame in traceback.extract_tb(exception.__traceback__)
    ]
    while frames and frames[0][0] == _THIS_FILE:
        del frames[0]
    trace = traceback.format_list(frames)
    return make_error(str(exception), type(exception).__name__, trace, request_id)


def log_error(error, sink):
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON":
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        sink.write(encode(dict({"timestamp": stamp, "log_level": "ERROR"}, **error)) + "\n")
        return
    head = "[ERROR]"
    if error["errorType"]:
        head += " " + error["errorType"]
    if error["errorMessage"]:
        head += (": " if error["errorType"] else " ") + error["errorMessage"]
    lines = [head, "Traceback (most recent call last):"]
    for element in error["stackTrace"]:
        for line in element.splitlines():
            bare = line.lstrip(" ")
            # AWS indents with no-break spaces, which its console does not swallow.
            lines.append("\u00a0" * (len(line) - len(bare)) + bare)
    sink.write("\n".join(lines) + "\n")


class LogSink:
    """Writes log events whole, so that one with several lines stays one event."""

    def write(self, text):
        body = text.encode("utf-8", "backslashreplace")
        stamp = time.time_ns() // 1000
        data = LOG_FRAME + struct.pack(">IQ", len(body), stamp) + body
        try:
            while data:
                data = data[os.write(1, data) :]
        except OSError:
            pass


class SinkHandler(logging.Handler):
    def __init__(self, sink):
        logging.Handler.__init__(self)
        self.log_sink = sink

    def emit(self, record):
        self.log_sink.write(self.format(record))


class JsonFormatter(logging.Formatter):
    """Log records as AWS's JSON format has them."""

    known = frozenset(logging.makeLogRecord({}).__dict__) | {
        "aws_request_id",
        "tenant_id",
        "taskName",
    }

    def __init__(self):
        logging.Formatter.__init__(self, datefmt="%Y-%m-%dT%H:%M:%SZ")

    def format(self, record):
        level = min(50, max(0, record.levelno)) // 10 * 10
        kind, error, trace = record.exc_info or (None, None, None)
        place = f"{record.pathname}:{record.funcName}:{record.lineno}"
        result = {
            "timestamp": self.formatTime(record, self.datefmt),
            "level": logging.getLevelName(level),
            "message": record.getMessage(),
            "logger": record.name,
            "stackTrace": traceback.format_tb(trace) if trace else None,
            "errorType": kind.__name__ if kind else None,
            "errorMessage": str(error) if error else None,
            "requestId": record.aws_request_id,
            "location": place if kind else None,
            "tenantId": record.tenant_id,
        }
        for name, value in record.__dict__.items():
            if name not in self.known and name not in result:
                result[name] = value
        result = {name: value for name, value in result.items() if value is not None}
        return json.dumps(result, ensure_ascii=False, default=str) + "\n"


class Unbuffered:
    """A text stream that is written at once, as functions are killed without a word."""

    def __init__(self, stream):
        self.stream = stream

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def write(self, text):
        written = self.stream.write(text)
        self.stream.flush()
        return written

    def writelines(self, lines):
        self.stream.writelines(lines)
        self.stream.flush()
