import json
from importlib import resources
from pathlib import Path

# One and the same file, found in three ways that people use.
PRICES = json.loads(resources.files(__package__).joinpath("data/prices.json").read_text())
assert PRICES == json.loads(Path(__file__).with_name("data").joinpath("prices.json").read_text())
assert PRICES == json.load(open("shop/data/prices.json"))


def price_of(sku):
    return PRICES[sku]
