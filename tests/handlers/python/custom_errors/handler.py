"""Errors with codes, mapped to types that a workflow catches."""


class OrderError(Exception):
    code = "ORDER"

    def __init__(self, message, **details):
        super().__init__(message)
        self.details = details

    def __str__(self):
        return f"[{self.code}] {self.args[0]} {self.details}"


class OutOfStock(OrderError):
    code = "STOCK"


class Throttled(OrderError):
    pass


def reserve(sku, wanted):
    stock = {"apple": 2}
    try:
        if stock[sku] < wanted:
            raise OutOfStock("not enough", sku=sku, wanted=wanted)
    except KeyError as error:
        raise OrderError("unknown", sku=sku) from error


def lambda_handler(event, context):
    try:
        reserve(event["sku"], event["wanted"])
    except OutOfStock as error:
        error.add_note("try another day")
        if event.get("wrap"):
            raise Throttled("later") from None
        raise
    return "reserved"
