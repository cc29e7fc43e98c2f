"""Checks an order: orderId, customerId and amount must be there, and the amount above 0.

An order with faults is no error of this function: the workflow decides what follows from `valid`.
All faults are reported at once, in the order of the fields.
"""


class InvalidOrder(Exception):
    """What came is no order at all."""


def lambda_handler(event, context):
    """Returns the verdict: valid, the order's id as it was given, and every fault as a sentence."""
    if not isinstance(event, dict):
        raise InvalidOrder("an order must be a JSON object")
    faults = [
        check_text(event, "orderId"),
        check_text(event, "customerId"),
        check_amount(event, "amount"),
    ]
    errors = [fault for fault in faults if fault]
    return {"valid": not errors, "orderId": event.get("orderId"), "errors": errors}


def check_text(order, field):
    """The fault of a field that must be text, or None."""
    value = order.get(field)
    if value is None:
        return f"{field} is missing"
    if not isinstance(value, str):
        return f"{field} must be a string"
    return None if value.strip() else f"{field} is empty"


def check_amount(order, field):
    """The fault of a field that must be a number above 0, or None."""
    value = order.get(field)
    if value is None:
        return f"{field} is missing"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"{field} must be a number"
    return None if value > 0 else f"{field} must be above 0, not {value}"
