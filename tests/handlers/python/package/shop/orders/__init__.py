from ..prices import price_of


def total(skus):
    return sum(price_of(sku) for sku in skus)
