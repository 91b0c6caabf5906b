"""Keeps goods apart for orders, and gives them free again. There are ten of everything."""

from service import note, say, serve


class OutOfStock(Exception):
    """There are not so many."""


def reserve(order):
    if order["quantity"] > 10:
        raise OutOfStock(f"{order['quantity']} are wanted, 10 are there")
    note("reserved", order)


def release(order):
    note("released", order)


def on_order_placed(order):
    try:
        reserve(order)
    except OutOfStock:
        say("shop.inventory", "OutOfStock", order)
    else:
        say("shop.inventory", "StockReserved", order)


def on_payment_declined(order):
    release(order)
    say("shop.inventory", "StockReleased", order)


def handler(event, context):
    serve(
        event,
        {"OrderPlaced": on_order_placed, "PaymentDeclined": on_payment_declined},
        {"reserve": reserve, "release": release},
    )
