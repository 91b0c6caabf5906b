"""What waiting costs: 1,000 rules, 1,000 schedules and 200 event source mappings, and nothing happening.

Starts a durable Fogline in a temporary folder, makes them all, and reads the processor time of the server over a
while. Run as `python bench/idle.py [SECONDS]`. It should be under 1 % of a core.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from load import Maker, make_zip
from run import Server

RULES, SCHEDULES, MAPPINGS = 1_000, 1_000, 200
SHARE_MAX = 0.01
_ROLE = "arn:aws:iam::000000000000:role/idle"
_TICKS = os.sysconf("SC_CLK_TCK")


def fill(maker: Maker) -> None:
    """Make what waits. Half of the rules are schedules, all far away."""
    sqs, functions = maker.client("sqs"), maker.client("lambda")
    sqs.create_queue(QueueName="target")
    target = "arn:aws:sqs:us-east-1:000000000000:target"
    events: Any = maker.client("events")
    for number in range(RULES):
        kind = (
            {"EventPattern": f'{{"source": ["s{number}"]}}'}
            if number % 2
            else {"ScheduleExpression": "cron(0 2 1 1 ? *)"}
        )
        events.put_rule(Name=f"rule-{number}", **kind)
        events.put_targets(Rule=f"rule-{number}", Targets=[{"Id": "1", "Arn": target}])
    scheduler = maker.client("scheduler")
    for number in range(SCHEDULES):
        scheduler.create_schedule(
            Name=f"schedule-{number}",
            ScheduleExpression="rate(30 days)" if number % 2 else "cron(0 2 1 1 ? *)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": target, "RoleArn": _ROLE},
        )
    functions.create_function(
        FunctionName="idle",
        Runtime="python3.11",
        Role=_ROLE,
        Handler="index.handler",
        Code={"ZipFile": make_zip("index.py", "def handler(event, context):\n    return event\n")},
    )
    for number in range(MAPPINGS):
        sqs.create_queue(QueueName=f"source-{number}")
        functions.create_event_source_mapping(
            FunctionName="idle",
            EventSourceArn=f"arn:aws:sqs:us-east-1:000000000000:source-{number}",
        )


def processor_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    with tempfile.TemporaryDirectory(prefix="fogline-idle-") as temporary:
        os.chmod(temporary, 0o755)
        server = Server(Path(temporary))
        server.start()
        try:
            fill(Maker(server.url))
            time.sleep(3)
            before = processor_seconds(server.process.pid)
            time.sleep(seconds)
            used = processor_seconds(server.process.pid) - before
            share, memory = used / seconds, resident_mb(server.process.pid)
        finally:
            server.stop()
    print(f"{RULES} rules, {SCHEDULES} schedules, {MAPPINGS} mappings, idle for {seconds:g} s:")
    print(f"{share:.2%} of a core (at most {SHARE_MAX:.0%}), {memory:.0f} MB of the server")


if __name__ == "__main__":
    main()
