"""Errors, as Lambda's Python runtime reports and logs them."""

import os
import sys
import time
import traceback

from . import payload

HERE = "/var/runtime"  # Where the runtime's own files are on Lambda, and seem to be here.
_IDENT = "\u00a0"  # Lambda indents a logged traceback with no-break spaces.


class Fault(Exception):
    """An error of the runtime itself, such as `Runtime.ImportModuleError`."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind = kind
        self.trace = trace or []


class Exit(BaseException):
    """The function left the process without raising anything: `os._exit`, `os.abort`."""

    def __init__(self, how):
        super().__init__(how)
        self.how = how


def install():
    """Lets a function that leaves be seen: otherwise the instance would end without a word."""
    os._exit = _leave
    os.abort = _abort


def _leave(status):
    """Exits at once, without cleaning up."""
    raise Exit(f"exit status {status & 0xFF}" if status & 0xFF else None)


def _abort():
    """Aborts the process."""
    raise Exit("signal: aborted")


def raised(error, request_id):
    """The payload of an exception, with the frames that are not the runtime's own."""
    frames = [
        (frame.filename, frame.lineno, frame.name, frame.line)
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(HERE + "/")
    ]
    return _payload(_text(error), type(error).__name__, request_id, traceback.format_list(frames))


def fault(error, request_id):
    """The payload of a fault."""
    return _payload(str(error), error.kind, request_id, error.trace)


def exited(error, request_id):
    """The payload's text when the runtime is gone: Lambda itself answers, without spaces.

    What Python would have written when it ends goes to stderr.
    """
    how = _how(error)
    why = f"exited with error: {how}" if how else "exited without providing a reason"
    message = f"RequestId: {request_id} Error: Runtime {why}"
    return f'{{"errorType":"Runtime.ExitError","errorMessage":{payload.encode(message)}}}'


def log(error, is_json):
    """Writes an error to the function's log."""
    if is_json:
        from_now = {"timestamp": _now(), "level": "ERROR", **error}
        sys.stdout.write(payload.encode(from_now) + "\n")
        return
    kind, message = error["errorType"], error["errorMessage"]
    lines = ["[ERROR]" + (f" {kind}" if kind else "") + (":" if kind and message else "")]
    if message:
        lines[0] += f" {message}"
    lines.append("Traceback (most recent call last):")
    for entry in error["stackTrace"]:
        lines += [_indented(line) for line in entry.splitlines()] or [""]
    sys.stdout.write("\r".join(lines) + "\n")


def _payload(message, kind, request_id, trace):
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def _text(error):
    """An exception's text: one that cannot tell its own must not hide that it was raised."""
    try:
        return str(error)
    except Exception as other:
        return f"<{type(error).__name__} without a text: {type(other).__name__}>"


def _how(error):
    if isinstance(error, Exit):
        return error.how
    if not isinstance(error, SystemExit):
        traceback.print_exception(error.with_traceback(_of_the_function(error.__traceback__)))
        return "signal: interrupt" if isinstance(error, KeyboardInterrupt) else "exit status 1"
    code = error.code
    if code is None:
        return None
    if isinstance(code, int):
        return f"exit status {code & 0xFF}" if code & 0xFF else None
    print(code, file=sys.stderr)
    return "exit status 1"


def _of_the_function(trace):
    while trace and trace.tb_frame.f_code.co_filename.startswith(HERE + "/"):
        trace = trace.tb_next
    return trace


def _indented(line):
    text = line.lstrip(" ")
    return _IDENT * (len(line) - len(text)) + text


def _now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
