"""What handlers do to the standard streams, and what that must not change."""

import contextlib
import io
import logging
import os
import sys


def captured(event, context):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        print("into the text")
        logging.error("into the log")
    sys.stdout.buffer.write(b"bytes\n")
    sys.stdout.flush()
    os.write(1, b"straight to the descriptor\n")
    os.write(2, b"and to stderr\n")
    return {"text": text.getvalue(), "isatty": sys.stdout.isatty(), "encoding": sys.stdout.encoding}


def replaced(event, context):
    sys.stdout = io.StringIO()
    print("lost")
    raise ValueError("told all the same")


def closed(event, context):
    print("before")
    sys.stdout.close()
    sys.stderr = None
    raise ValueError("told, but not logged")


def closed_and_left(event, context):
    sys.stderr.close()
    sys.exit("nobody reads this")


def surrogates(event, context):
    try:
        print("\udcff")
    except UnicodeEncodeError as error:
        return str(error)


def silent(event, context):
    sys.stdout.write("no end of line")
    return sys.stdin.read()
