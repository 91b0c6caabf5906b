"""{"action": "send", "text": "hello"}: say something to all in the room, oneself among them."""

import json

import rooms

TEXT_LENGTH_MAX = 1_000


def handler(event, context):
    connection_id = event["requestContext"]["connectionId"]
    text = json.loads(event["body"]).get("text")
    speaker = rooms.connections.get_item(
        Key={"connection_id": connection_id}, ConsistentRead=True
    ).get("Item", {})
    if "room" not in speaker:
        rooms.tell(event, connection_id, {"error": "join a room first"})
        return {"statusCode": 400}
    if not isinstance(text, str) or not 1 <= len(text) <= TEXT_LENGTH_MAX:
        rooms.tell(event, connection_id, {"error": "say something, and not too much"})
        return {"statusCode": 400}
    message = {"room": speaker["room"], "from": speaker["name"], "text": text}
    rooms.broadcast(event, speaker["room"], message)
    return {"statusCode": 200}
