import os

STAGE = os.environ.get("STAGE", "dev")
BETA = os.getenv("FEATURE_BETA", "false").lower() in ("1", "true", "yes")
LIMITS = {name[6:].lower(): int(value) for name, value in os.environ.items() if name.startswith("LIMIT_")}


def handler(event, context):
    os.environ["SET_HERE"] = "seen"
    return {
        "stage": STAGE,
        "beta": BETA,
        "limits": LIMITS,
        "empty": os.environ.get("EMPTY"),
        "missing": os.environ.get("MISSING"),
        "unicode": os.environ.get("GREETING"),
        "setHere": os.getenv("SET_HERE"),
        "taskRoot": os.environ["LAMBDA_TASK_ROOT"],
        "handler": os.environ["_HANDLER"],
        "build": [name for name in os.environ if name.startswith("PYTHON")],
    }
