"""Takes an order's money. Simulated: chance decides whether the bank agrees.

Environment: DECLINE_RATE, the probability from 0 to 1 of a refusal; 0.2 when not set.
"""

import json
import os
import random
import uuid


class PaymentDeclined(Exception):
    """The bank refuses."""


class InvalidEvent(Exception):
    """There is nothing to pay."""


class InvalidEnvironment(Exception):
    """A variable has a value that makes no sense."""


def lambda_handler(event, context):
    """Returns the receipt: the bank's name for the payment, its status, and the amount as it was given."""
    amount = event.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, (int, float)):
        raise InvalidEvent("the event does not fit: amount must be a number")
    if random.random() < probability("DECLINE_RATE", 0.2):
        order_id = event.get("orderId") or "without an id"
        raise PaymentDeclined(f"do not honour: order {order_id}, amount {amount}")
    return {"transactionId": f"TXN-{uuid.uuid4().hex}", "status": "approved", "amount": amount}


def probability(name, default):
    """A probability from a variable, or the default when it is not set."""
    value = os.environ.get(name)
    if not value:
        return default
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if 0 <= number <= 1:
        return number
    raise InvalidEnvironment(f"{name} must be a number from 0 to 1, not {json.dumps(value)}")
