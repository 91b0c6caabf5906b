"""Sends what was paid for."""

from service import note, say, serve


def ship(order):
    note("shipped", order)


def on_payment_taken(order):
    ship(order)
    say("shop.shipping", "OrderShipped", order)


def handler(event, context):
    serve(event, {"PaymentTaken": on_payment_taken}, {"ship": ship})
