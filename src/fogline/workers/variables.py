"""The environment variables a function sees, as AWS sets them."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from fogline.ports.functions import FunctionSpec

# A function's own variables may not cover these; the others (LANG, PATH, TZ, ...) they may.
_RESERVED_PREFIX = "AWS_LAMBDA_"
_OVERRIDABLE = ("AWS_LAMBDA_EXEC_WRAPPER", "AWS_LAMBDA_NODEJS_")


@dataclass(frozen=True, slots=True)
class Places:
    """Where an environment finds things: AWS's paths where the machine can show them."""

    task: str = "/var/task"
    opt: str = "/opt"
    tmp: str = "/tmp"  # noqa: S108
    runtime: str = "/var/runtime"
    trust: str = ""
    """The folder of the certificates that functions trust; empty when there are none of ours."""

    def trusting(self) -> dict[str, str]:
        if not self.trust:
            return {}
        return trust_variables(f"{self.trust}/{AUTHORITY_FILE}", f"{self.trust}/{BUNDLE_FILE}")


AUTHORITY_FILE, BUNDLE_FILE = "ca-cert.pem", "ca-bundle.pem"
"""Our authority's certificate, under the name of AWS's own file of more authorities; and all that are trusted."""


def function_variables(spec: FunctionSpec, log_stream: str, places: Places) -> dict[str, str]:
    """All variables of an execution environment, apart from the trace of each invocation."""
    task, opt = places.task, places.opt
    variables = {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": f"/usr/local/bin:/usr/bin:/bin:{opt}/bin",
        "LD_LIBRARY_PATH": f"{task}:{task}/lib:{opt}/lib",
        "SHLVL": "0",
        "PWD": task,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "169.254.79.129:2000",
        "_AWS_XRAY_DAEMON_ADDRESS": "169.254.79.129",
        "_AWS_XRAY_DAEMON_PORT": "2000",
        "AWS_ENDPOINT_URL": spec.endpoint,
        # `sync-` (StartSyncExecution) before an address makes a name that nobody knows.
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        # An account's configuration of the machine must not leak into what functions call.
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if spec.runtime.startswith("python"):
        variables["PYTHONPATH"] = f"{task}:{opt}/python"
        if sys.platform == "darwin":
            # Asking macOS for its proxies crashes a forked process.
            variables["no_proxy"] = "*"
    if spec.runtime.startswith("nodejs"):
        major = spec.runtime.removeprefix("nodejs").split(".")[0]
        variables["NODE_PATH"] = node_path(opt, major)
    variables.update(places.trusting())
    if places.tmp != Places().tmp:
        variables["TMPDIR"] = places.tmp
    for name, value in spec.environment.items():
        if not name.startswith(_RESERVED_PREFIX) or name.startswith(_OVERRIDABLE):
            variables[name] = value
    variables.update(
        {
            "_HANDLER": spec.handler,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}",
            "AWS_REGION": spec.region,
            "AWS_DEFAULT_REGION": spec.region,
            "AWS_ACCESS_KEY_ID": spec.credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": spec.credentials.secret_key,
            "AWS_SESSION_TOKEN": spec.credentials.session_token,
            "AWS_LAMBDA_FUNCTION_NAME": spec.name,
            "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": spec.logging.group,
            "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
            "AWS_LAMBDA_LOG_FORMAT": spec.logging.format,
            "LAMBDA_TASK_ROOT": task,
            "LAMBDA_RUNTIME_DIR": places.runtime,
        }
    )
    if spec.logging.format == "JSON" and spec.logging.application_level:
        variables["AWS_LAMBDA_LOG_LEVEL"] = spec.logging.application_level
    return variables


def trust_variables(authority: str, bundle: str) -> dict[str, str]:
    """What lets SDKs, HTTP clients and Node.js trust our certificates, and those they always trusted."""
    return {
        "AWS_CA_BUNDLE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "SSL_CERT_FILE": bundle,
        "NODE_EXTRA_CA_CERTS": authority,
    }


def node_path(opt: str, major: str) -> str:
    """Where Node.js functions find modules that they do not bring along."""
    folders = (f"{opt}/nodejs/node{major}", f"{opt}/nodejs", "/var/runtime")
    return ":".join(f"{folder}/node_modules" for folder in folders)
