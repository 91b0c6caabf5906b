"""Puts signups from abroad before somebody."""

from effects import consume, note


def handler(event, context):
    return consume(
        event, lambda signup: note(f"review {signup['user']} {signup['address']['country']}")
    )
