# serve: --cache-dir {runtimes}
# runtime: python
"""The tutorial once more, with nothing behind its functions but the Python that is deployed."""

from harness import ROOT
from test_tutorial import follow


def test_the_tutorial_in_python() -> None:
    files = {path.name: path.read_text() for path in (ROOT / "workflows/handlers/python").glob("*.py")}
    assert len(files) == 3, sorted(files)
    follow(files, "python3.9", "lambda_handler")
