"""Runs the tests of a module as they are named on stdin, and answers each with a line of JSON on stdout."""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import sys
import traceback

# A test that hangs ends the process, with the place where it hangs on stderr.
LONGEST = 240


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # What a test prints is talk.
    module = importlib.import_module(sys.argv[1])
    for line in sys.stdin:
        faulthandler.dump_traceback_later(LONGEST, exit=True)
        try:
            getattr(module, line.strip())()
            told = None
        except Exception:  # Whatever goes wrong is the test's result.
            told = traceback.format_exc()
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps({"error": told}), file=answers, flush=True)


main()
