"""Says whether an order's goods are in stock. Simulated: chance decides.

Environment: AVAILABILITY, the probability from 0 to 1 that they are; 0.9 when not set.
"""

import json
import os
import random


class InvalidEnvironment(Exception):
    """A variable has a value that makes no sense."""


def lambda_handler(event, context):
    """Returns whether the order can be served, and its id as it was given."""
    available = random.random() < probability("AVAILABILITY", 0.9)
    return {"inventoryAvailable": available, "orderId": event.get("orderId")}


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
