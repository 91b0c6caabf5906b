"""Somebody goes. This is told as well as may be, and sometimes not at all."""

import rooms


def handler(event, context):
    rooms.forget(event["requestContext"]["connectionId"])
    return {"statusCode": 200}
