import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path


def lambda_handler(event, context):
    assert os.listdir("/tmp") == [], "another invocation's files"
    work = Path("/tmp/work")
    (work / "deep").mkdir(parents=True)
    for number in range(3):
        (work / "deep" / f"{number}.txt").write_text(f"line {number}\n" * (number + 1), encoding="utf-8")

    archive = shutil.make_archive("/tmp/all", "zip", work)
    with zipfile.ZipFile(archive) as opened:
        names = sorted(opened.namelist())
        last = opened.read("deep/2.txt").decode()

    with tempfile.NamedTemporaryFile("w+", suffix=".json", dir="/tmp") as file:
        json.dump({"a": 1}, file)
        file.seek(0)
        loaded = json.load(file)

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "x").touch()
        kept = os.path.exists(folder)
    os.replace("/tmp/all.zip", "/tmp/moved.zip")
    return {
        "names": names,
        "last": last,
        "loaded": loaded,
        "gone": kept and not os.path.exists(folder),
        "left": sorted(os.listdir("/tmp")),
        "size": os.stat("/tmp/work/deep/2.txt").st_size,
        "globbed": sorted(path.name for path in work.rglob("*.txt")),
    }
