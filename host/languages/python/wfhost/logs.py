"""The function's log: `print`, and the `logging` module with Lambda's handler and formats."""

import io
import json
import logging
import os
import sys
import time
import traceback

_KNOWN = set(vars(logging.makeLogRecord({}))) | {"aws_request_id", "message", "asctime", "taskName"}


class Sink:
    """Where log entries go: the function's stdout, whatever the function makes of `sys.stdout`."""

    @staticmethod
    def log(text):
        """Writes text as an entry of its own, as the frames of Lambda's log are."""
        try:
            sys.__stdout__.write(text if text.endswith("\n") else text + "\n")
        except ValueError:
            pass  # The function closed it.


class LambdaLoggerHandler(logging.Handler):
    """The root logger's handler, of which every record learns the request's id."""

    def __init__(self):
        super().__init__()
        self.log_sink = Sink
        self.request_id = ""
        self.addFilter(self._mark)

    def emit(self, record):
        """Writes a record."""
        self.log_sink.log(self.format(record))

    def _mark(self, record):
        record.aws_request_id = self.request_id
        return True


class JsonFormatter(logging.Formatter):
    """What `AWS_LAMBDA_LOG_FORMAT=JSON` asks for: an object a line."""

    def format(self, record):
        """The record's line."""
        level = min(50, max(0, record.levelno)) // 10 * 10
        as_is = isinstance(record.msg, dict) and not record.args
        line = {
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": logging.getLevelName(level),
            "message": record.msg if as_is else record.getMessage(),
            "logger": record.name,
            **_about_exception(record),
            "requestId": record.aws_request_id or None,
        }
        for name, value in vars(record).items():
            if name not in _KNOWN:
                line.setdefault(name, value)
        line = {name: value for name, value in line.items() if value is not None}
        return json.dumps(line, ensure_ascii=False, default=str) + "\n"


def _about_exception(record):
    if not record.exc_info:
        return {}
    kind, error, trace = record.exc_info
    return {
        "stackTrace": traceback.format_tb(trace),
        "errorType": kind.__name__ if kind else None,
        "errorMessage": str(error),
        "location": f"{record.pathname}:{record.funcName}:{record.lineno}",
    }


HANDLER = LambdaLoggerHandler()
TEXT = logging.Formatter(
    "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
)


def install():
    """Sets up what every invocation shares, while the component is built."""
    logging.Formatter.converter = time.gmtime
    # By this it knows its own frames from the caller's, whom a record names.
    logging._srcfile = logging.addLevelName.__code__.co_filename
    HANDLER.setFormatter(TEXT)
    logging.getLogger().addHandler(HANDLER)
    sys.stdout = sys.__stdout__ = _stream(1, "strict")
    sys.stderr = sys.__stderr__ = _stream(2, "backslashreplace")


def begin():
    """Sets up the level of this invocation. Returns whether the log is JSON."""
    logging._startTime = time.time_ns()
    is_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
    if is_json:
        HANDLER.setFormatter(JsonFormatter())
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    level = "DEBUG" if level == "TRACE" else level
    if level in logging.getLevelNamesMapping():
        logging.getLogger().setLevel(level)
    return is_json


def end():
    """Hands over what was written without ending its line."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except Exception:
            pass  # A function may have closed or replaced its streams.


def _stream(descriptor, errors):
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw, 8192), encoding="utf-8", errors=errors, line_buffering=True
    )
