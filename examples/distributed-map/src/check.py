"""Checks a batch of rows. A row that is wrong is told of; it takes no others along."""

from decimal import Decimal, InvalidOperation


def handler(event, context):
    total, rejected = Decimal(0), []
    for row in event["Items"]:
        # A column that is missing is wrong for the whole file: that fails.
        number, amount = row["id"], row["amount"]
        try:
            total += Decimal(amount)
        except InvalidOperation:
            rejected.append({"id": number, "why": f"'{amount}' is no amount"})
    return {
        "file": event["BatchInput"]["file"],
        "rows": len(event["Items"]),
        "total": str(total),
        "rejected": rejected,
    }
