import logging

logger = logging.getLogger("orders")
logger.setLevel(logging.INFO)
handler = logging.StreamHandler()
handler.setFormatter(logging.Formatter("%(filename)s:%(lineno)d %(funcName)s %(levelname)s %(message)s"))
logger.addHandler(handler)
logger.propagate = False


def charge(order):
    logger.warning("charging %s", order)


def lambda_handler(event, context):
    logger.info("got %s", event["orderId"])
    charge(event["orderId"])
    return True
