"""Handlers that fail, each in its own way."""

import collections
import datetime
import decimal
import json
import os
import sys


class PaymentError(Exception):
    """An error with more to say than its text."""

    def __init__(self, order, reason):
        super().__init__(f"payment of {order} failed: {reason}")
        self.order = order


class Silent(Exception):
    pass


class Outer:
    class Inner(Exception):
        pass


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def raise_value(event, context):
    raise ValueError("not a good value")


def raise_custom(event, context):
    raise PaymentError("O-1", "no funds")


def raise_silent(event, context):
    raise Silent


def raise_nested_class(event, context):
    raise Outer.Inner("inside")


def raise_key(event, context):
    return event["missing"]


def raise_from_library(event, context):
    return json.loads("{bad")


def raise_deep(event, context):
    def third():
        raise LookupError("three calls down")

    def second():
        third()

    second()


def raise_chained(event, context):
    try:
        int("x")
    except ValueError as error:
        raise PaymentError("O-2", "bad amount") from error


def raise_group(event, context):
    raise ExceptionGroup("two at once", [ValueError("one"), TypeError("two")])


def raise_unspeakable(event, context):
    raise Unspeakable


def raise_multiline(event, context):
    raise RuntimeError("first line\nsecond line: caf\u00e9")


def raise_assert(event, context):
    assert event == {"never": True}, "the event is another"


def no_arguments():
    return None


def exit_three(event, context):
    sys.exit(3)


def exit_zero(event, context):
    sys.exit(0)


def exit_none(event, context):
    sys.exit()


def exit_text(event, context):
    sys.exit("the reason, on stderr")


def exit_at_once(event, context):
    print("before")
    os._exit(7)


def exit_finally(event, context):
    try:
        sys.exit(4)
    finally:
        print("cleaned up")


def abort(event, context):
    os.abort()


def interrupt(event, context):
    raise KeyboardInterrupt


def raise_base(event, context):
    class Base(BaseException):
        pass

    raise Base("not an Exception")


async def coroutine(event, context):
    return "never awaited"


def return_object(event, context):
    return object()


def return_set(event, context):
    return {"tags": {"a"}}


def return_datetime(event, context):
    return {"at": datetime.datetime(2026, 1, 1)}


def return_circle(event, context):
    circle = []
    circle.append({"circle": circle})
    return circle


def return_tuple_key(event, context):
    return {(1, 2): "x"}


def return_generator(event, context):
    return (n for n in range(3))


def return_nan(event, context):
    return {"nan": float("nan"), "infinity": float("inf")}


def return_decimals(event, context):
    return {"price": decimal.Decimal("19.990"), "big": decimal.Decimal("1E+3"), "nan": decimal.Decimal("NaN")}


def return_bytes(event, context):
    return json.dumps({"made": "by hand"}).encode()


def return_text_as_bytes(event, context):
    return b"plain text"


def return_inner_bytes(event, context):
    return {"name": b"caf\xc3\xa9"}


def return_named_tuple(event, context):
    Point = collections.namedtuple("Point", "x y")
    return [Point(1, 2), (3, 4)]


def return_keys(event, context):
    return {1: "int", 2.5: "float", True: "bool", None: "none", "text": "text"}


def return_unicode(event, context):
    return {"text": "caf\u00e9 \u2028 \U0001f600", "quote": '"\\'}


def return_nothing(event, context):
    pass
