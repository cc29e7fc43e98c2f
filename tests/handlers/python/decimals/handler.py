import json
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction


class Encoder(json.JSONEncoder):
    def default(self, o):
        return str(o) if isinstance(o, Decimal) else super().default(o)


def lambda_handler(event, context):
    prices = [Decimal(price) for price in event["prices"]]
    total = sum(prices, Decimal())
    tax = (total * Decimal("0.19")).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    with localcontext() as precise:
        precise.prec = 30
        third = Decimal(1) / 3
    exact = json.loads(json.dumps(event["prices"]), parse_float=Decimal)
    return {
        "total": total,
        "tax": tax,
        "third": str(third),
        "asText": json.dumps({"total": total}, cls=Encoder),
        "half": str(Fraction(1, 3) + Fraction(1, 6)),
        "exact": exact,
    }
