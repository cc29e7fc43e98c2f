"""The aws command beyond the tutorial: files, pages, logs, errors, and the ways in which it names a host."""

import base64
import json
import pathlib
import tempfile

from harness import PASS, ROLE, URL, aws, calls, equal, function, guest, machine, sfn, unique, until, zipped
from raw import PORT

# What stands in for an entry in /etc/hosts: every name is this machine.
RESOLVER = """
import socket
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *more, **named: real("127.0.0.1", *more, **named)
"""


def cli(*words: str, **more: str) -> object:
    return aws(*words, "--endpoint-url", URL, **more)


def test_a_function_from_zip_to_tail() -> None:
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "f.zip").write_bytes(zipped({"bootstrap.wasm": guest("faulty")}))
        name = unique("cli")
        cli("lambda", "create-function", "--function-name", name, "--runtime", "provided.al2023", "--role", ROLE,
            "--handler", "bootstrap", "--zip-file", "fileb://f.zip", folder=folder)
        equal(cli("lambda", "wait", "function-active-v2", "--function-name", name), None)
        equal(cli("lambda", "wait", "function-exists", "--function-name", name), None)
        said = cli("lambda", "invoke", "--function-name", name, "--payload", '{"do": "log", "line": "hello"}',
                   "--log-type", "Tail", "out.json", folder=folder)
        equal((said["StatusCode"], said["ExecutedVersion"]), (200, "$LATEST"))
        assert "hello" in base64.b64decode(said["LogResult"]).decode()
        json.loads((pathlib.Path(folder) / "out.json").read_text())
        taken = cli("lambda", "invoke", "--function-name", name, "--invocation-type", "Event", "--payload",
                    '{"do": "echo"}', "event.json", folder=folder)
        equal(taken["StatusCode"], 202)
        cli("lambda", "update-function-configuration", "--function-name", name, "--timeout", "9")
        equal(cli("lambda", "wait", "function-updated-v2", "--function-name", name), None)
        found = cli("lambda", "get-function", "--function-name", name, "--query", "Configuration.Timeout")
        equal(found, 9)

        def lines() -> object:
            text = cli("logs", "filter-log-events", "--log-group-name", f"/aws/lambda/{name}", "--filter-pattern", "hello")
            return text["events"]

        until(lines)


@calls("stepfunctions.CreateStateMachine")
def test_a_loop_that_waits_for_an_execution() -> None:
    arn = machine({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}})
    started = cli("stepfunctions", "start-execution", "--state-machine-arn", arn, "--input", '{"n": 1}',
                  "--query", "executionArn", "--output", "text")
    execution = str(started).strip()
    status = until(lambda: next((word for word in [str(cli(
        "stepfunctions", "describe-execution", "--execution-arn", execution, "--query", "status", "--output", "text",
    )).strip()] if word != "RUNNING"), None))
    equal(status, "SUCCEEDED")


@calls("stepfunctions.CreateStateMachine")
def test_pages_are_followed() -> None:
    prefix = unique("paged")
    for number in range(5):
        machine(PASS, name=f"{prefix}-{number}")
    found = cli("stepfunctions", "list-state-machines", "--page-size", "2",
                "--query", f"stateMachines[?starts_with(name, '{prefix}')].name")
    equal(len(found), 5)
    some = cli("stepfunctions", "list-state-machines", "--max-items", "3")
    equal(len(some["stateMachines"]), 3)
    assert some["NextToken"]


@calls("stepfunctions.CreateStateMachine")
def test_a_synchronous_execution_with_and_without_the_prefix_of_its_host() -> None:
    arn = machine(PASS, type="EXPRESS")
    words = ("stepfunctions", "start-sync-execution", "--state-machine-arn", arn, "--input", '{"n":1}')
    found = cli(*words, AWS_DISABLE_HOST_PREFIX_INJECTION="true")
    equal((found["status"], found["output"]), ("SUCCEEDED", '{"n":1}'))
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "sitecustomize.py").write_text(RESOLVER)
        for host in ("localhost", "127.0.0.1", "localhost.localstack.cloud"):
            found = aws(*words, "--endpoint-url", f"http://{host}:{PORT}", PYTHONPATH=folder)
            equal((host, found["status"]), (host, "SUCCEEDED"))


@calls("stepfunctions.CreateStateMachine")
def test_errors_are_told_with_their_names() -> None:
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:missing"
    said = cli("stepfunctions", "describe-state-machine", "--state-machine-arn", arn, code=255)
    assert f"(StateMachineDoesNotExist) when calling the DescribeStateMachine operation: State Machine Does Not Exist: '{arn}'" in said, said
    said = cli("iam", "get-role", "--role-name", "missing", code=255)
    assert "(NoSuchEntity) when calling the GetRole operation: The role with name missing cannot be found." in said, said
    said = cli("lambda", "invoke", "--function-name", "missing", "out.json", code=255)
    assert "(ResourceNotFoundException) when calling the Invoke operation: Function not found: arn:aws:lambda:" in said, said
    machine(PASS)


@calls("stepfunctions.CreateStateMachine")
def test_the_endpoint_may_stand_in_the_environment() -> None:
    arn = machine(PASS)
    found = aws("stepfunctions", "list-state-machines", AWS_ENDPOINT_URL=URL)
    assert arn in [one["stateMachineArn"] for one in found["stateMachines"]]
    equal(aws("sts", "get-caller-identity", AWS_ENDPOINT_URL=URL)["Account"], "000000000000")
    equal(len(sfn().list_executions(stateMachineArn=arn)["executions"]), 0)


@calls("lambda.CreateFunction")
def test_a_state_is_tested_from_the_command_line() -> None:
    made = function("echo")
    state = json.dumps({"Type": "Task", "Resource": made["FunctionArn"], "End": True})
    found = cli("stepfunctions", "test-state", "--definition", state, "--role-arn", ROLE, "--input", '{"n": 1}',
                AWS_DISABLE_HOST_PREFIX_INJECTION="true")
    equal((found["status"], json.loads(found["output"])), ("SUCCEEDED", {"n": 1}))
    valid = cli("stepfunctions", "validate-state-machine-definition", "--definition", json.dumps(PASS))
    equal(valid["result"], "OK")
