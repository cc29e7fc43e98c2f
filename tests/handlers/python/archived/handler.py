"""Packages in an archive beside the handler, and modules in a folder that is not on the path."""

import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "deps.zip"))
sys.path.append("plain")

import packed
import packed.inner
from loose import NAME


def lambda_handler(event, context):
    spec = importlib.util.spec_from_file_location("by_path", f"{HERE}/plain/loose.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with open("/tmp/written.py", "w") as file:
        file.write("VALUE = 7\n")
    sys.path.append("/tmp")
    import written

    if event.get("fail"):
        packed.inner.fail()
    return {"answer": packed.answer(), "file": packed.__file__, "name": NAME, "again": module.NAME, "written": written.VALUE}
