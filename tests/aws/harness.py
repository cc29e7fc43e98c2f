"""What the tests share: clients that check every answer, and words for what they expect.

A test is a function `test_...` in a module `test_*.py`; tests/tests/aws.rs runs each as a test of its own, with a
server for the module. The first lines of a module say with which arguments: `# serve: --clock virtual`.
"""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import json
import os
import pathlib
import subprocess
import sys
import time
import zipfile
from typing import Any, Callable, Iterator

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import model

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ACCOUNT, REGION = "000000000000", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/test"
URL = os.environ.get("WF_HOST_URL", "http://127.0.0.1:4566")
# The operations that the test at hand got an answer of, by how it came out.
ANSWERED: set[str] = set()
REFUSED: set[str] = set()
_numbers = itertools.count(1)


def calls(*operations: str, refused: tuple[str, ...] = ()) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Which operations a test is of, as `stepfunctions.CreateActivity`; `refused` are those that must be refused.

    The test fails if it did not call one of them with success, or got no refusal. The runner holds the names against
    the models, so that no operation is without a test.
    """

    def mark(test: Callable[[], None]) -> Callable[[], None]:
        @functools.wraps(test)
        def run() -> None:
            ANSWERED.clear()
            REFUSED.clear()
            test()
            missing = (set(operations) - ANSWERED) | (set(refused) - REFUSED)
            assert not missing, f"the test never got what it is of: {sorted(missing)}"

        return run

    return mark


@functools.cache
def client(service: str, region: str = REGION, **settings: Any) -> Any:
    """A boto3 client whose every answer is checked. It sends what it is told: constraints are the server's to check."""
    config = Config(
        parameter_validation=False, retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=90,
        inject_host_prefix=False, max_pool_connections=40,
    ).merge(Config(**settings))
    made = boto3.client(service, region_name=region, endpoint_url=URL, config=config)
    made.meta.events.register("before-parse", _judge)
    return made


def _judge(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    if operation_model.service_model.service_name not in model.COMMON:
        return  # A service that is not here.
    body = response_dict["body"]
    streams = not isinstance(body, (bytes, type(None)))
    status = response_dict["status_code"]
    model.check(operation_model, status, response_dict["headers"], None if streams else body)
    name = f"{operation_model.service_model.service_name}.{operation_model.name}"
    (ANSWERED if status < 300 else REFUSED).add(name)


def sfn(region: str = REGION) -> Any:
    """Step Functions."""
    return client("stepfunctions", region)


def unique(prefix: str = "t") -> str:
    """A name that no other test has."""
    return f"{prefix}-{os.getpid()}-{next(_numbers)}"


@contextlib.contextmanager
def refuses(code: str, *words: str) -> Iterator[ClientError]:
    """The block ends with this error of the service, whose message holds the words."""
    try:
        yield None  # type: ignore[misc]
    except ClientError as error:
        found, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        assert found == code, f"refused with {found}, not {code}: {message}"
        for word in words:
            assert word in message, f"{word!r} is not in the message: {message}"
    else:
        raise AssertionError(f"not refused with {code}")


def equal(found: Any, expected: Any) -> None:
    """That two values are equal, with both shown if not."""
    assert found == expected, f"\n   found {found!r}\nexpected {expected!r}"


def until(probe: Callable[[], Any], wait: float = 30, every: float = 0.02) -> Any:
    """The first answer of the probe that is true."""
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline:
        if found := probe():
            return found
        time.sleep(every)
    raise AssertionError(f"not within {wait} s")


# Machines and executions.

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "because"}}}
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}


def task(resource: str, **more: Any) -> dict[str, Any]:
    """A machine of a single Task."""
    return {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": resource, "End": True, **more}}}


def machine(definition: dict[str, Any] | None = None, **more: Any) -> str:
    """Makes a machine; its ARN."""
    made = sfn().create_state_machine(
        **{"name": unique("m"), "definition": json.dumps(definition or PASS), "roleArn": ROLE, **more}
    )
    return made["stateMachineArn"]


def start(arn: str, input: Any = None, **more: Any) -> str:
    """Starts an execution; its ARN."""
    given = {} if input is None else {"input": json.dumps(input)}
    return sfn().start_execution(stateMachineArn=arn, **given, **more)["executionArn"]


def ended(execution: str, wait: float = 30) -> dict[str, Any]:
    """DescribeExecution once it is over."""

    def probe() -> Any:
        found = sfn().describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    return until(probe, wait)


def run(definition: dict[str, Any], input: Any = None, **more: Any) -> dict[str, Any]:
    """Runs a machine of its own to its end; DescribeExecution's answer."""
    return ended(start(machine(definition, **more), input))


def output(execution: dict[str, Any]) -> Any:
    """The output of an execution that succeeded."""
    equal(execution["status"], "SUCCEEDED")
    return json.loads(execution["output"])


def events(execution: str, **more: Any) -> list[dict[str, Any]]:
    """The history."""
    pages = sfn().get_paginator("get_execution_history").paginate(executionArn=execution, **more)
    return [event for page in pages for event in page["events"]]


def types(execution: str) -> list[str]:
    """The types of the history's events."""
    return [event["type"] for event in events(execution)]


def missing(kind: str, name: str = "missing") -> str:
    """The ARN of something of Step Functions that does not exist, such as a `stateMachine`."""
    return f"arn:aws:states:{REGION}:{ACCOUNT}:{kind}:{name}"


# Functions.

PYTHON = "def lambda_handler(event, context):\n    return {'seen': event}\n"


def zipped(files: dict[str, str | bytes]) -> bytes:
    """A zip of files."""
    bytes_ = io.BytesIO()
    with zipfile.ZipFile(bytes_, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return bytes_.getvalue()


def guest(name: str) -> bytes:
    """A module that scripts/guests has built."""
    return (ROOT / f"workflows/guests/{name}.wasm").read_bytes()


def function(module: str, **more: Any) -> dict[str, Any]:
    """Makes a function out of a guest, and waits until it is active; its configuration."""
    name = more.pop("FunctionName", None) or unique("f")
    code = {"ZipFile": zipped({"bootstrap.wasm": guest(module)})}
    given = {"Runtime": "provided.al2023", "Handler": "bootstrap", "Role": ROLE, "Code": code, **more}
    made = client("lambda").create_function(FunctionName=name, **given)
    client("lambda").get_waiter("function_active_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )
    return made


# The aws command.

def aws(*arguments: str, folder: str | os.PathLike[str] | None = None, code: int = 0, **variables: str) -> Any:
    """Runs the real aws command; what it prints, as JSON if it is, or what it says on stderr if it must fail."""
    ran = subprocess.run(
        [sys.executable, str(pathlib.Path(sys.executable).with_name("aws")), *arguments],
        cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=100,
    )
    if ran.returncode != code:
        raise AssertionError(f"aws {' '.join(arguments)}: exit code {ran.returncode}\n{ran.stderr}{ran.stdout}")
    if code:
        return ran.stderr
    try:
        return json.loads(ran.stdout) if ran.stdout.strip() else None
    except ValueError:
        return ran.stdout
