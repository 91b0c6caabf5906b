"""Opens an account for companies. It cannot do so without a tax number."""

from effects import consume, note


def handler(event, context):
    return consume(event, lambda signup: note(f"invoice {signup['user']} {signup['tax_number']}"))
