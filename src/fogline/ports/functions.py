"""Run a function: what is needed to run one version of it, what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fogline.aws.call import Trace


@dataclass(frozen=True, slots=True)
class Credentials:
    """The temporary credentials of a function's role."""

    access_key: str
    secret_key: str
    session_token: str


@dataclass(frozen=True, slots=True)
class Logging:
    """A function's LoggingConfig, complete."""

    group: str
    format: str = "Text"
    """`Text` or `JSON`."""
    application_level: str = ""
    """TRACE to FATAL with the JSON format, "" to leave the runtime's own."""
    system_level: str = "INFO"


@dataclass(frozen=True)
class FunctionSpec:
    """Everything needed to run one version of a function.

    Specs with the same `arn` and `stamp` share execution environments. So `stamp` must change with
    whatever is in here: code, configuration, layers, and any file of a live local folder. Code and
    layers must be readable by everyone (`a+rX`): functions run as nobody in particular.
    """

    arn: str
    """Qualified by version: `arn:aws:lambda:us-east-1:000000000000:function:orders:$LATEST`."""
    name: str
    version: str
    account: str
    region: str
    runtime: str
    handler: str
    code_folder: Path
    """Extracted code, or the live local folder. It is never written to."""
    stamp: str
    credentials: Credentials
    endpoint: str
    """Fogline's own address, for `AWS_ENDPOINT_URL`."""
    logging: Logging
    environment: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[Path, ...] = ()
    """Extracted layers, the first to the last as configured: later ones win under `/opt`."""
    timeout_ms: int = 3_000
    memory_mb: int = 128
    ephemeral_mb: int = 512
    home_names: tuple[str, ...] = ()
    """Names of hosts elsewhere that mean us (`ports/addresses.names_of`), as they are when an environment begins."""
    architecture: str = "x86_64"
    is_traced: bool = False
    """TracingConfig is Active: the REPORT line names the trace."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event for one function."""

    request_id: str
    payload: bytes
    trace: Trace
    invoked_arn: str
    """As the caller named it: unqualified, or with a version or an alias."""
    client_context: str = ""
    """JSON (already out of its base64), "" for none."""
    cognito_identity: str = ""
    """JSON, "" for none."""
    tenant_id: str = ""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event of the log stream. The message ends as it was written, mostly in a newline."""

    at: int
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one invocation, including its own errors."""

    payload: bytes
    function_error: str
    """"" for success, or `Unhandled`; then the payload holds errorType and errorMessage."""
    log: tuple[LogEvent, ...]
    """START, what the function said (up to a bound), END, REPORT."""
    log_stream: str
    """The stream of the execution environment, in the group of the spec."""
    started_at: int
    duration_ms: float
    billed_ms: int
    memory_used_mb: int
    init_ms: float | None
    """How long the environment took to be ready, None when it was warm."""
    is_timeout: bool = False
    content_type: str = "application/json"
    """Something else when the function streams its response."""

    def log_text(self) -> bytes:
        """The whole log as the tail (`LogType: Tail`) shows it; AWS gives out its last 4 KB."""
        return "".join([event.message for event in self.log]).encode()


class Receiver(Protocol):
    """Takes a streamed answer while it comes. All of it belongs to the event loop."""

    resume: Callable[[], None]
    """Set by `Functions`; called when more is wanted again."""

    def begin(self, content_type: str) -> None:
        """The answer streams; told before its first piece. Others are only in their outcome."""

    def take(self, piece: bytes) -> bool:
        """Take a piece; False: it is enough for now."""


class FunctionsFailure(Exception):
    """A failure of the world, not of the function: worth another try, or a word to the user."""


class NoRuntime(FunctionsFailure):
    """This machine has nothing that runs the runtime asked for."""


class EnvironmentFailed(FunctionsFailure):
    """An execution environment could not be made."""


class TooManyInvocations(FunctionsFailure):
    """Every environment is busy and the bound on waiting is reached."""


class Functions(Protocol):
    """Runs functions, keeps their environments warm, and ends them."""

    async def invoke(
        self, spec: FunctionSpec, invocation: Invocation, receiver: Receiver | None = None
    ) -> Outcome:
        """Run the function once. Raises a `FunctionsFailure` when that could not be done.

        What goes to a receiver is not in the outcome's payload; without one, it is gathered there.

        How many invocations of a function may run together is the caller's to decide. When the
        caller is cancelled, the invocation is abandoned and its process killed.
        """

    def prepare(self, spec: FunctionSpec) -> None:
        """Get ready what the function's first invocation will need; answers at once."""

    def forget(self, arn: str) -> None:
        """The function changed or is gone: end idle environments now, busy ones after their answer.

        `arn` is qualified as in the spec, or unqualified to mean every version.
        """

    async def close(self) -> None:
        """End every environment."""
