"""The entry of the component: componentize-py imports this module, runs it, and takes a snapshot.

Built with, where DIR is where `pip install --target DIR` put `requirements.txt`:

    PYTHONPATH=DIR python3 -S -c "import sys, componentize_py; sys.exit(componentize_py.script())"
        -d function.wit -w function componentize wfhost_app -p host/languages/python -p DIR -o python.wasm

(on one line). Everything that is imported here is in the snapshot already when a function starts.
"""

import wit_world
from componentize_py_types import Err

from wfhost import shelf

shelf.fill()

from wfhost import errors, hashes, invoke, limits, logs, loop, zones  # noqa: E402 - the library must be there first

zones.pack()
for room in (errors, hashes, limits, logs, loop, zones):
    room.install()
shelf.leave()


class WitWorld(wit_world.WitWorld):
    """The world `wf-host:function/function`."""

    def handle(self, event, context):
        """Runs one invocation."""
        succeeded, text = invoke.invoke(event, context)
        if succeeded:
            return text
        raise Err(text)
