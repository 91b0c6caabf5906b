"""How long functions take through the pool alone: cold, warm, and eight at a time.

Run as `python bench/workers.py`. Compare figures only within one run on an otherwise quiet machine.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import uvloop

from fogline.aws.call import Trace
from fogline.ports.functions import Credentials, FunctionSpec, Invocation, Logging
from fogline.workers.isolation import isolation
from fogline.workers.pool import FunctionPool
from fogline.world.clock import RealClock
from fogline.world.ids import Ids

COLD, WARM, TOGETHER = 20, 2_000, 8
RUNTIMES = {
    f"python3.{sys.version_info[1]}": ("index.py", "def handler(event, context): return event"),
    "nodejs20.x": ("index.js", "exports.handler = async (event) => event;"),
}
IDS = Ids()
TRACE = Trace("1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8")


def make_invocation() -> Invocation:
    return Invocation(IDS.uuid(), b'{"a": 1}', TRACE, "arn:aws:lambda:us-east-1:0:function:f")


def make_spec(folder: Path, runtime: str, name: str) -> FunctionSpec:
    return FunctionSpec(
        arn=f"arn:aws:lambda:us-east-1:000000000000:function:{name}:$LATEST",
        name=name,
        version="$LATEST",
        account="000000000000",
        region="us-east-1",
        runtime=runtime,
        handler="index.handler",
        code_folder=folder,
        stamp="1",
        credentials=Credentials("key", "secret", "token"),
        endpoint="http://localhost:4566",
        logging=Logging(f"/aws/lambda/{name}"),
    )


async def measure(runtime: str, folder: Path) -> None:
    pool = FunctionPool(RealClock(), IDS)
    spec = make_spec(folder, runtime, "first")

    async def timed(of: FunctionSpec) -> float:
        start = perf_counter()
        outcome = await pool.invoke(of, make_invocation())
        assert not outcome.function_error, outcome.payload
        return (perf_counter() - start) * 1000

    print(f"{runtime}\n  very first, with the fork server   {await timed(spec):8.1f} ms")
    cold = []
    for number in range(COLD):
        await asyncio.sleep(0.05)  # a client deploys between two first invocations
        name = f"cold-{number}"
        other = make_spec(folder, runtime, name)
        cold.append(await timed(other))
        pool.forget(other.arn)
    print(f"  cold    p50 {statistics.median(cold):8.1f} ms     max {max(cold):8.1f} ms")
    warm = sorted([await timed(spec) for _ in range(WARM)])
    print(f"  warm    p50 {warm[WARM // 2]:8.3f} ms     p99 {warm[WARM * 99 // 100]:8.3f} ms")

    async def client() -> None:
        for _ in range(WARM // TOGETHER):
            await timed(spec)

    await asyncio.gather(*[client() for _ in range(TOGETHER)])
    start = perf_counter()
    await asyncio.gather(*[client() for _ in range(TOGETHER)])
    print(f"  {TOGETHER} together   {WARM / (perf_counter() - start):10,.0f} per second")
    changed = replace(spec, stamp="2")
    print(f"  after a change of code             {await timed(changed):8.1f} ms")
    await pool.close()


def main() -> None:
    print(f"isolation: {isolation().level}")
    for runtime, (name, code) in RUNTIMES.items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            (Path(folder) / name).write_text(code)
            uvloop.run(measure(runtime, Path(folder)))


if __name__ == "__main__":
    main()
