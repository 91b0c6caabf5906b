"""The command `fogline`."""

from __future__ import annotations

import click


@click.group()
def main() -> None:
    """Serverless, event-driven AWS applications on your own machine."""
