"""Welcomes whoever signed up."""

from effects import consume, note


def handler(event, context):
    return consume(event, lambda signup: note(f"welcome {signup['user']}"))
