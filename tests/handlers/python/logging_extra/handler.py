import logging
import sys
import warnings

logger = logging.getLogger("orders")
logging.basicConfig(level=logging.DEBUG)  # Changes nothing: the root logger has its handler.


class Filter(logging.Filter):
    def filter(self, record):
        record.stage = "test"
        return "secret" not in record.getMessage()


def lambda_handler(event, context):
    if "level" in event:
        logger.setLevel(event["level"])
    logger.addFilter(Filter())
    logger.debug("details of %s", event["orderId"])
    logger.info("order %s has %d items", event["orderId"], 2, extra={"order": event["orderId"], "amount": 9.5})
    logger.warning("stock is low")
    logger.warning("the secret")
    logger.error({"code": 17, "text": "as an object"})
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("could not divide")
    print("printed", "twice", sep=", ")
    print("to stderr", file=sys.stderr)
    print("no end of line", end="")
    print()
    sys.stdout.write("two\nlines\n")
    context.log("through the context")
    warnings.warn("be careful")
    print("ünïcödé \U0001f600")
    root = logging.getLogger()
    return {"handlers": [type(handler).__name__ for handler in root.handlers], "level": root.level}
