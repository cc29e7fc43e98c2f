# serve: --functions workflows/wf-host.toml
"""The tutorial that users come from: an order workflow, built command by command with the aws CLI, and cleaned up."""

import json
import os
import pathlib
import shlex
import tempfile
import zipfile
from typing import Any

from harness import ROOT, URL, aws, equal, until

ENDPOINT = URL.replace("127.0.0.1", "localhost")
ARN = "arn:aws:states:us-east-1:000000000000"
MACHINE = f"{ARN}:stateMachine:order-processing-workflow"
EXECUTION = f"{ARN}:execution:order-processing-workflow"
HANDLERS = {
    "validate_order": """
def lambda_handler(event, context):
    problems = [field for field in ("orderId", "customerId", "amount") if field not in event]
    if not problems and event["amount"] <= 0:
        problems = ["amount"]
    return {"valid": not problems, "errors": problems}
""",
    "check_inventory": """
import random

def lambda_handler(event, context):
    return {"inventoryAvailable": random.random() < 0.9}
""",
    "process_payment": """
import random

def lambda_handler(event, context):
    if random.random() < 0.2:
        raise Exception("the bank said no")
    return {"paid": event["amount"]}
""",
}
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"},
]}
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": "*"},
    {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"},
]}


class Shell:
    """A user's folder and settings, and the commands typed there."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        (folder / "config").write_text("[profile localstack]\nregion = us-east-1\noutput = json\n")
        (folder / "credentials").write_text(
            "[localstack]\naws_access_key_id = test\naws_secret_access_key = test\n"
        )
        self.settings = {
            "AWS_CONFIG_FILE": str(folder / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        }
        # What a user would not have set either.
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
            os.environ.pop(name, None)

    def __call__(self, command: str, code: int = 0) -> Any:
        """Types `aws ...`, with what every command of the tutorial ends with."""
        words = shlex.split(command) + ["--endpoint-url", ENDPOINT, "--profile", "localstack"]
        return aws(*words, folder=self.folder, code=code, **self.settings)


def create_functions(shell: Shell, files: dict[str, str], runtime: str, export: str) -> None:
    """Deploys a file a function, each by its name, as the tutorial zips it."""
    for file_name, text in files.items():
        handler = file_name.partition(".")[0]
        (shell.folder / file_name).write_text(text)
        archive, name = handler.partition("_")[2] + "-function.zip", handler.replace("_", "-")
        with zipfile.ZipFile(shell.folder / archive, "w") as file:
            file.write(shell.folder / file_name, file_name)
        made = shell(
            f"lambda create-function --function-name {name} --runtime {runtime}"
            f" --role arn:aws:iam::000000000000:role/lambda-role --handler {handler}.{export}"
            f" --zip-file fileb://{archive}"
        )
        expected = {
            "FunctionName": name, "FunctionArn": f"arn:aws:lambda:us-east-1:000000000000:function:{name}",
            "Runtime": runtime, "Handler": f"{handler}.{export}", "Timeout": 3, "MemorySize": 128,
            "CodeSize": (shell.folder / archive).stat().st_size, "Version": "$LATEST", "PackageType": "Zip",
        }
        equal({key: made[key] for key in expected}, expected)


def create_role(shell: Shell) -> None:
    (shell.folder / "stepfunctions-trust-policy.json").write_text(json.dumps(TRUST, indent=2))
    (shell.folder / "stepfunctions-role-policy.json").write_text(json.dumps(POLICY, indent=2))
    made = shell(
        "iam create-role --role-name stepfunctions-role"
        " --assume-role-policy-document file://stepfunctions-trust-policy.json"
    )["Role"]
    equal((made["Arn"], made["AssumeRolePolicyDocument"]), ("arn:aws:iam::000000000000:role/stepfunctions-role", TRUST))
    put = shell(
        "iam put-role-policy --role-name stepfunctions-role --policy-name stepfunctions-policy"
        " --policy-document file://stepfunctions-role-policy.json"
    )
    equal(put, None)


def create_machine(shell: Shell) -> None:
    text = (ROOT / "workflows/order-workflow.json").read_text()
    (shell.folder / "order-workflow.json").write_text(text)
    made = shell(
        "stepfunctions create-state-machine --name order-processing-workflow --definition file://order-workflow.json"
        " --role-arn arn:aws:iam::000000000000:role/stepfunctions-role"
    )
    equal(made["stateMachineArn"], MACHINE)


def execute(shell: Shell, name: str, order: dict[str, Any]) -> dict[str, Any]:
    """Starts an execution and asks until it is over."""
    started = shell(
        f"stepfunctions start-execution --state-machine-arn {MACHINE} --name {name} --input '{json.dumps(order)}'"
    )
    equal(started["executionArn"], f"{EXECUTION}:{name}")

    def probe() -> Any:
        found = shell(f"stepfunctions describe-execution --execution-arn {EXECUTION}:{name}")
        return found if found["status"] != "RUNNING" else None

    found = until(probe, wait=90, every=0.1)
    equal((found["executionArn"], found["name"], found["stateMachineArn"]), (f"{EXECUTION}:{name}", name, MACHINE))
    equal(json.loads(found["input"]), order)
    return found


def check_history(shell: Shell, name: str, last: str) -> list[str]:
    history = shell(f"stepfunctions get-execution-history --execution-arn {EXECUTION}:{name}")["events"]
    equal([event["id"] for event in history], list(range(1, len(history) + 1)))
    equal((history[0]["type"], history[-1]["type"]), ("ExecutionStarted", last))
    names = [event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event]
    equal(names[0], "ValidateOrder")
    return names


def valid_orders(shell: Shell) -> int:
    """Valid orders until one has succeeded: goods may be out of stock, as the tutorial says. How many it took."""
    order = {"orderId": "ORDER-001", "customerId": "CUST-123", "amount": 99.99}
    for number in range(1, 12):
        found = execute(shell, f"execution-{number}", order)
        if found["status"] == "SUCCEEDED":
            names = check_history(shell, f"execution-{number}", "ExecutionSucceeded")
            equal(names[-1], "OrderCompleted")
            result = json.loads(found["output"])
            equal({key: result[key] for key in order}, order)
            equal((result["validation"]["valid"], result["result"]["status"]), (True, "completed"))
            return number
        equal((found["status"], found["error"]), ("FAILED", "OrderProcessingError"))
        assert {"OutOfStock", "PaymentFailed"} & set(check_history(shell, f"execution-{number}", "ExecutionFailed"))
    raise AssertionError("of eleven orders none succeeded")


def invalid_orders(shell: Shell) -> None:
    for name, order in (
        ("invalid-1", {"orderId": "ORDER-002", "amount": 50.0}),
        ("invalid-2", {"orderId": "ORDER-003", "customerId": "CUST-124", "amount": -10.0}),
    ):
        found = execute(shell, name, order)
        equal((found["status"], found["error"]), ("FAILED", "ValidationError"))
        equal(found["cause"], "Order validation failed")
        equal(check_history(shell, name, "ExecutionFailed")[-1], "ValidationFailed")


def list_executions(shell: Shell, number: int) -> None:
    listed = shell(f"stepfunctions list-executions --state-machine-arn {MACHINE}")["executions"]
    names = [f"execution-{n}" for n in range(1, number + 1)] + ["invalid-1", "invalid-2"]
    equal(sorted(one["name"] for one in listed), sorted(names))
    equal(listed[0]["name"], "invalid-2")


def clean_up(shell: Shell) -> None:
    commands = [
        f"stepfunctions delete-state-machine --state-machine-arn {MACHINE}",
        "lambda delete-function --function-name validate-order",
        "lambda delete-function --function-name check-inventory",
        "lambda delete-function --function-name process-payment",
        "iam delete-role-policy --role-name stepfunctions-role --policy-name stepfunctions-policy",
        "iam delete-role --role-name stepfunctions-role",
    ]
    for command in commands:
        # Lambda tells a status where it told nothing before.
        assert shell(command) in (None, {"StatusCode": 204}), command
    # What is left is what the functions file brought.
    machines = shell("stepfunctions list-state-machines")["stateMachines"]
    assert MACHINE not in [one["stateMachineArn"] for one in machines], machines
    runtimes = [one["Runtime"] for one in shell("lambda list-functions")["Functions"]]
    assert not [name for name in runtimes if name.startswith(("python", "nodejs"))], runtimes
    equal(shell("iam list-roles")["Roles"], [])


def follow(files: dict[str, str], runtime: str = "python3.9", export: str = "lambda_handler") -> None:
    """Every command of the tutorial, from its first to its last."""
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(pathlib.Path(folder))
        create_functions(shell, files, runtime, export)
        create_role(shell)
        create_machine(shell)
        number = valid_orders(shell)
        invalid_orders(shell)
        list_executions(shell, number)
        clean_up(shell)


def test_every_command_of_the_tutorial() -> None:
    follow({f"{handler}.py": text for handler, text in HANDLERS.items()})
