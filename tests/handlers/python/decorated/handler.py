"""Decorators around a handler, as observability libraries have them."""

import functools
import json
import logging
import os
import time

logger = logging.getLogger()
logger.setLevel(os.environ.get("LOG_LEVEL", "INFO"))


class Metrics:
    def __init__(self):
        self.points = []

    def add(self, name, value, unit="Count"):
        self.points.append({"name": name, "unit": unit, "value": value})

    def flush(self):
        print(json.dumps({"_aws": {"metrics": self.points}}))
        self.points = []


metrics = Metrics()


def inject_context(function):
    @functools.wraps(function)
    def wrapper(event, context):
        logger.info("start of %s in %s MB", context.function_name, context.memory_limit_in_mb)
        return function(event, context)

    return wrapper


def count(name):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(event, context):
            metrics.add(name, 1)
            try:
                return function(event, context)
            finally:
                metrics.flush()

        return wrapper

    return decorate


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        before = time.monotonic()
        result = function(*args, **kwargs)
        logger.info("%s took %d s", function.__name__, round(time.monotonic() - before))
        return result

    return wrapper


@timed
def slow(seconds):
    time.sleep(seconds)
    return seconds


@inject_context
@count("orders")
def lambda_handler(event, context):
    """Waits."""
    return {"waited": slow(event["seconds"]), "name": lambda_handler.__name__, "doc": lambda_handler.__doc__}
