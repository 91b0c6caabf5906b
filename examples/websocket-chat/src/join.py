"""{"action": "join", "room": "tea"}: enter a room, and leave the one before."""

import json

import rooms


def handler(event, context):
    connection_id = event["requestContext"]["connectionId"]
    room = json.loads(event["body"]).get("room")
    if not isinstance(room, str) or not 1 <= len(room) <= 40:
        rooms.tell(event, connection_id, {"error": "which room?"})
        return {"statusCode": 400}
    before = rooms.connections.update_item(
        Key={"connection_id": connection_id},
        UpdateExpression="SET room = :room",
        ConditionExpression="attribute_exists(connection_id)",
        ExpressionAttributeValues={":room": room},
        ReturnValues="ALL_OLD",
    )["Attributes"]
    rooms.leave(before)
    rooms.rooms.put_item(
        Item={"room": room, "connection_id": connection_id, "expires_at": before["expires_at"]}
    )
    rooms.broadcast(event, room, {"room": room, "joined": before["name"]})
    return {"statusCode": 200}
