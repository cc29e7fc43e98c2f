"""Events and results as JSON, as Lambda's Python runtime reads and writes them.

Its encoder differs from `json`: decimals are written as numbers, named tuples as objects, bytes as
text, and U+2028 and U+2029 are escaped.
"""

import json
import math
import os
from decimal import Decimal

_PLAIN = {str, int, float, bool, type(None)}
_OLD = {"AWS_Lambda_python3.8", "AWS_Lambda_python3.9", "AWS_Lambda_python3.10", "AWS_Lambda_python3.11"}


class _Raw(str):
    """JSON text that is written as it is."""


class _Decimals(Exception):
    """There is a decimal among the values."""


def event(text):
    """The value of an event's text; raises `ValueError` for what is no JSON."""
    return json.loads(text)


def result(value):
    """The JSON text of a handler's result; raises `TypeError` and others for what has none."""
    if isinstance(value, bytes):
        return _text_of(value)
    return encode(value)


def encode(value):
    """The JSON text of a value."""
    ascii_only = os.environ.get("AWS_EXECUTION_ENV") in _OLD
    value = _plain(value, set())
    try:
        text = _encoder(ascii_only, _refuse_decimal).encode(value)
    except _Decimals:
        text = _encode_decimals(value, ascii_only)
    text.encode()  # A lone surrogate is refused here, as where Lambda sends the result.
    if not ascii_only and ("\u2028" in text or "\u2029" in text):
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return text


def _encoder(ascii_only, default):
    return json.JSONEncoder(ensure_ascii=ascii_only, default=default)


def _encode_decimals(value, ascii_only):
    escape = json.encoder.encode_basestring_ascii if ascii_only else json.encoder.encode_basestring
    make = json.encoder.c_make_encoder
    write = make(
        {}, _raw_decimal, lambda text: str(text) if type(text) is _Raw else escape(text), None, ": ", ", ",
        False, False, True,
    )
    return "".join(write(value, 0))


def _raw_decimal(value):
    if isinstance(value, Decimal):
        return math.nan if value.is_nan() else _Raw(value)
    return _unserialisable(value)


def _refuse_decimal(value):
    if isinstance(value, Decimal):
        raise _Decimals
    return _unserialisable(value)


def _unserialisable(value):
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _plain(value, within):
    """The value with its named tuples as objects and its bytes as text; mostly the value itself."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        if _is_plain(value.values()) and _is_plain(value):
            return value
        return _inside(value, within, lambda: {_key(k): _plain(v, within) for k, v in value.items()})
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _inside(value, within, lambda: _plain(value._asdict(), within))
    if isinstance(value, (list, tuple)):
        if _is_plain(value):
            return value
        return _inside(value, within, lambda: [_plain(item, within) for item in value])
    return value


def _is_plain(values):
    return _PLAIN.issuperset(map(type, values))


def _inside(value, within, make):
    if id(value) in within:
        raise ValueError("Circular reference detected")
    within.add(id(value))
    made = make()
    within.discard(id(value))
    return made


def _key(key):
    return key.decode() if isinstance(key, bytes) else key


def _text_of(value):
    """Bytes are the answer itself where they are JSON, and a JSON string of their text where not."""
    text = value.decode()
    try:
        json.loads(text)
    except ValueError:
        return json.dumps(text, ensure_ascii=False)
    return text
