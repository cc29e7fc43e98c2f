# serve: --cache-dir {runtimes}
# runtime: node
"""The tutorial once more, with nothing behind its functions but the JavaScript that is deployed."""

from harness import ROOT
from test_tutorial import follow


def test_the_tutorial_in_javascript() -> None:
    files = {path.name: path.read_text() for path in (ROOT / "workflows/handlers/javascript").glob("*.js")}
    assert len(files) == 3, sorted(files)
    follow(files, "nodejs20.x", "handler")
