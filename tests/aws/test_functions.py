# serve: --functions workflows/wf-host.toml
"""Lambda: functions out of guests, and zips that a functions file binds to a guest."""

import base64
import hashlib
import io
import json
import time
import zipfile
from typing import Any

from harness import (
    ACCOUNT, PYTHON, REGION, ROLE, calls, client, ended, equal, function, guest, machine, output, refuses, run, start,
    task, types, unique, until, zipped,
)


def aws_lambda() -> Any:
    return client("lambda")


def arn_of(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def invoked(name: str, event: Any = None, **more: Any) -> dict[str, Any]:
    """Invoke's answer, with the payload read."""
    payload = {} if event is None else {"Payload": json.dumps(event)}
    found = aws_lambda().invoke(FunctionName=name, **payload, **more)
    text = found["Payload"].read()
    found["Payload"] = json.loads(text) if text else None
    return found


def python(name: str | None = None, **more: Any) -> str:
    """A function whose code is Python."""
    made = aws_lambda().create_function(**{
        "FunctionName": name or unique("py"), "Runtime": "python3.12", "Handler": "app.lambda_handler", "Role": ROLE,
        "Code": {"ZipFile": zipped({"app.py": PYTHON})}, **more,
    })
    return made["FunctionName"]


@calls("lambda.CreateFunction", "lambda.GetFunction", "lambda.GetFunctionConfiguration")
def test_a_function_is_described_as_it_was_made() -> None:
    name, code = unique("f"), zipped({"bootstrap.wasm": guest("echo")})
    made = aws_lambda().create_function(
        FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Role=ROLE, Code={"ZipFile": code},
        Description="says what it hears", Timeout=7, MemorySize=256, Environment={"Variables": {"STAGE": "1"}},
        EphemeralStorage={"Size": 600}, Tags={"team": "x"}, Architectures=["arm64"],
    )
    equal(made["FunctionArn"], arn_of(name))
    assert made["State"] in ("Pending", "Active"), made["State"]
    aws_lambda().get_waiter("function_exists").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    aws_lambda().get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    aws_lambda().get_waiter("function_active").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    found = aws_lambda().get_function(FunctionName=name)
    equal(found["Tags"], {"team": "x"})
    assert found["Code"]["RepositoryType"], found["Code"]
    configuration = found["Configuration"]
    expected = {
        "FunctionName": name, "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": ROLE, "Version": "$LATEST",
        "Description": "says what it hears", "Timeout": 7, "MemorySize": 256, "Environment": {"Variables": {"STAGE": "1"}},
        "EphemeralStorage": {"Size": 600}, "Architectures": ["arm64"], "CodeSize": len(code), "State": "Active",
        "LastUpdateStatus": "Successful", "PackageType": "Zip", "TracingConfig": {"Mode": "PassThrough"},
        "CodeSha256": base64.b64encode(hashlib.sha256(code).digest()).decode(),
    }
    equal({name: configuration.get(name) for name in expected}, expected)
    for form in (arn_of(name), f"{ACCOUNT}:function:{name}", f"{name}:$LATEST", arn_of(name) + ":$LATEST"):
        alone = aws_lambda().get_function_configuration(FunctionName=form)
        equal(alone["CodeSha256"], expected["CodeSha256"])


@calls("lambda.CreateFunction", "lambda.GetFunctionConfiguration")
def test_what_is_not_said_has_aws_defaults() -> None:
    made = function("echo")
    found = aws_lambda().get_function_configuration(FunctionName=made["FunctionName"])
    equal((found["Timeout"], found["MemorySize"], found["EphemeralStorage"]), (3, 128, {"Size": 512}))
    equal((found["Architectures"], found["Description"]), (["x86_64"], ""))


@calls("lambda.CreateFunction", refused=("lambda.CreateFunction",))
def test_what_is_no_function() -> None:
    name = function("echo")["FunctionName"]
    code = {"ZipFile": zipped({"app.py": PYTHON})}

    def made(**more: Any) -> None:
        given = {"FunctionName": unique("f"), "Runtime": "python3.12", "Handler": "app.h", "Role": ROLE, "Code": code}
        aws_lambda().create_function(**{**given, **more})

    with refuses("ResourceConflictException", f"Function already exist: {name}"):
        made(FunctionName=name)
    with refuses("ValidationException", "'timeout'", "less than or equal to 900"):
        made(Timeout=901)
    with refuses("ValidationException", "'timeout'", "greater than or equal to 1"):
        made(Timeout=0)
    with refuses("ValidationException", "'memorySize'", "greater than or equal to 128"):
        made(MemorySize=127)
    with refuses("InvalidParameterValueException", "Value cobol at 'runtime'"):
        made(Runtime="cobol")
    with refuses("ValidationException", "'role'"):
        made(Role="role")
    with refuses("InvalidParameterValueException", "Could not unzip uploaded file"):
        made(Code={"ZipFile": b"no zip"})
    with refuses("ValidationException", "'functionName'"):
        made(FunctionName="a b")
    with refuses("InvalidParameterValueException"):
        made(Code={})
    made(Timeout=900, MemorySize=10240)


@calls(refused=("lambda.GetFunction", "lambda.GetFunctionConfiguration", "lambda.Invoke", "lambda.DeleteFunction"))
def test_a_function_that_does_not_exist() -> None:
    name = unique("missing")
    for ask in (aws_lambda().get_function, aws_lambda().get_function_configuration, aws_lambda().invoke,
                aws_lambda().delete_function):
        with refuses("ResourceNotFoundException", f"Function not found: {arn_of(name)}"):
            ask(FunctionName=name)
    try:
        aws_lambda().invoke(FunctionName=name)
    except aws_lambda().exceptions.ResourceNotFoundException as error:
        equal(error.response["ResponseMetadata"]["HTTPStatusCode"], 404)


@calls("lambda.Invoke")
def test_an_invocation_answers_with_the_payload() -> None:
    name = function("echo")["FunctionName"]
    found = invoked(name, {"a": [1, "\u00fc"]})
    equal((found["StatusCode"], found["ExecutedVersion"], found["Payload"]), (200, "$LATEST", {"a": [1, "\u00fc"]}))
    assert "FunctionError" not in found and "LogResult" not in found
    equal(invoked(name)["Payload"], {})
    equal(invoked(arn_of(name), 1, Qualifier="$LATEST")["Payload"], 1)


@calls("lambda.Invoke")
def test_an_event_is_taken_and_a_dry_run_does_nothing() -> None:
    name = function("faulty")["FunctionName"]
    line = unique("line")
    found = invoked(name, {"do": "log", "line": line}, InvocationType="Event")
    equal((found["StatusCode"], found["Payload"]), (202, None))
    group = f"/aws/lambda/{name}"

    def lines() -> list[str]:
        try:
            return [one["message"] for one in client("logs").filter_log_events(logGroupName=group)["events"]]
        except client("logs").exceptions.ResourceNotFoundException:
            return []

    until(lambda: any(line in one for one in lines()))
    dry = unique("dry")
    found = invoked(name, {"do": "log", "line": dry}, InvocationType="DryRun")
    equal(found["StatusCode"], 204)
    invoked(name, {"do": "echo"})
    assert not any(dry in one for one in lines())


@calls("lambda.Invoke")
def test_the_tail_of_the_log_comes_with_the_answer() -> None:
    name = function("faulty")["FunctionName"]
    found = invoked(name, {"do": "log", "line": "a line of mine"}, LogType="Tail")
    log = base64.b64decode(found["LogResult"]).decode()
    request = found["ResponseMetadata"]["RequestId"]
    assert f"START RequestId: {request} Version: $LATEST" in log, log
    assert "a line of mine" in log and f"END RequestId: {request}" in log, log
    assert f"REPORT RequestId: {request}\tDuration: " in log and "Memory Size: 128 MB" in log, log
    flood = invoked(name, {"do": "flood-stderr"}, LogType="Tail")
    assert len(base64.b64decode(flood["LogResult"])) <= 4096


@calls("lambda.Invoke")
def test_how_functions_fail() -> None:
    name = function("faulty", Timeout=1)["FunctionName"]
    found = invoked(name, {"do": "error", "errorType": "Mine", "errorMessage": "m"})
    equal((found["StatusCode"], found["FunctionError"]), (200, "Unhandled"))
    equal((found["Payload"]["errorType"], found["Payload"]["errorMessage"]), ("Mine", "m"))
    found = invoked(name, {"do": "exit", "code": 3})
    equal((found["FunctionError"], found["Payload"]["errorType"]), ("Unhandled", "Runtime.ExitError"))
    found = invoked(name, {"do": "sleep", "seconds": 5})
    equal(found["Payload"]["errorType"], "Sandbox.Timedout")
    assert "Task timed out after 1.00 seconds" in found["Payload"]["errorMessage"], found["Payload"]
    found = invoked(name, {"do": "allocate"})
    equal(found["FunctionError"], "Unhandled")


@calls("lambda.Invoke")
def test_a_guest_has_its_functions_settings() -> None:
    made = function("faulty", Environment={"Variables": {"STAGE": "test"}}, MemorySize=256, Timeout=5)
    name = made["FunctionName"]
    seen = invoked(name, {"do": "environment"})["Payload"]
    expected = {
        "STAGE": "test", "AWS_LAMBDA_FUNCTION_NAME": name, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_REGION": REGION, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    }
    equal({name: seen.get(name) for name in expected}, expected)
    assert "PATH" not in seen or "/work" not in seen["PATH"]


@calls(refused=("lambda.Invoke",))
def test_what_cannot_be_invoked() -> None:
    name = function("echo")["FunctionName"]
    with refuses("InvalidRequestContentException", "Could not parse request body into json"):
        aws_lambda().invoke(FunctionName=name, Payload=b"{no json")
    with refuses("ResourceNotFoundException", f"Function not found: {arn_of(name)}:9"):
        aws_lambda().invoke(FunctionName=name, Qualifier="9")
    with refuses("RequestTooLargeException"):
        aws_lambda().invoke(FunctionName=name, Payload=b'"' + b"x" * (6 * 1024 * 1024) + b'"')
    with refuses("ValidationException", "'invocationType'"):
        aws_lambda().invoke(FunctionName=name, InvocationType="Later")


@calls("lambda.UpdateFunctionCode", refused=("lambda.UpdateFunctionCode",))
def test_code_is_changed() -> None:
    name = function("echo")["FunctionName"]
    before = aws_lambda().get_function_configuration(FunctionName=name)
    code = zipped({"bootstrap.wasm": guest("faulty")})
    dry = aws_lambda().update_function_code(FunctionName=name, ZipFile=code, DryRun=True)
    equal(dry["CodeSha256"], base64.b64encode(hashlib.sha256(code).digest()).decode())
    equal(invoked(name, {"do": "random"})["Payload"], {"do": "random"})
    updated = aws_lambda().update_function_code(FunctionName=name, ZipFile=code)
    assert updated["RevisionId"] != before["RevisionId"]
    equal(updated["CodeSize"], len(code))
    aws_lambda().get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    aws_lambda().get_waiter("function_updated").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    assert isinstance(invoked(name, {"do": "random"})["Payload"], str)
    with refuses("PreconditionFailedException"):
        aws_lambda().update_function_code(FunctionName=name, ZipFile=code, RevisionId=before["RevisionId"])
    with refuses("InvalidParameterValueException"):
        aws_lambda().update_function_code(FunctionName=name, ZipFile=b"no zip")
    with refuses("ResourceNotFoundException"):
        aws_lambda().update_function_code(FunctionName=unique("missing"), ZipFile=code)


@calls("lambda.UpdateFunctionConfiguration", refused=("lambda.UpdateFunctionConfiguration",))
def test_settings_are_changed() -> None:
    name = function("faulty")["FunctionName"]
    updated = aws_lambda().update_function_configuration(
        FunctionName=name, Timeout=9, MemorySize=512, Environment={"Variables": {"NEW": "yes"}}, Description="d",
    )
    equal((updated["Timeout"], updated["MemorySize"], updated["Description"]), (9, 512, "d"))
    aws_lambda().get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    equal(invoked(name, {"do": "environment", "name": "NEW"})["Payload"], "yes")
    aws_lambda().update_function_configuration(FunctionName=name, Timeout=4)
    found = aws_lambda().get_function_configuration(FunctionName=name)
    equal((found["Timeout"], found["Environment"]), (4, {"Variables": {"NEW": "yes"}}))
    with refuses("ValidationException", "'timeout'"):
        aws_lambda().update_function_configuration(FunctionName=name, Timeout=901)
    with refuses("PreconditionFailedException"):
        aws_lambda().update_function_configuration(FunctionName=name, Timeout=5, RevisionId="another")
    with refuses("ResourceNotFoundException"):
        aws_lambda().update_function_configuration(FunctionName=unique("missing"), Timeout=5)


@calls("lambda.ListFunctions")
def test_functions_are_listed_in_pages() -> None:
    made = {python() for _ in range(5)}
    pages = list(aws_lambda().get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}))
    listed = [one["FunctionName"] for page in pages for one in page["Functions"]]
    assert made <= set(listed) and len(listed) == len(set(listed)), listed
    assert all(len(page["Functions"]) <= 2 for page in pages)
    elsewhere = client("lambda", "eu-west-1").list_functions()["Functions"]
    assert not made & {one["FunctionName"] for one in elsewhere}, elsewhere


@calls("lambda.PublishVersion", "lambda.ListVersionsByFunction", "lambda.DeleteFunction")
def test_versions_are_published() -> None:
    name = function("faulty", Environment={"Variables": {"SAYS": "one"}})["FunctionName"]
    first = aws_lambda().publish_version(FunctionName=name, Description="first")
    equal((first["Version"], first["FunctionArn"]), ("1", arn_of(name) + ":1"))
    equal(aws_lambda().publish_version(FunctionName=name)["Version"], "1")
    aws_lambda().update_function_configuration(FunctionName=name, Environment={"Variables": {"SAYS": "two"}})
    aws_lambda().get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    equal(aws_lambda().publish_version(FunctionName=name)["Version"], "2")
    ask = {"do": "environment", "name": "SAYS"}
    for qualifier, said in (("1", "one"), ("2", "two"), ("$LATEST", "two")):
        found = invoked(name, ask, Qualifier=qualifier)
        equal((found["ExecutedVersion"], found["Payload"]), (qualifier, said))
    listed = aws_lambda().list_versions_by_function(FunctionName=name)["Versions"]
    equal([one["Version"] for one in listed], ["$LATEST", "1", "2"])
    equal(output(run(task(arn_of(name) + ":1"), ask)), "one")
    aws_lambda().delete_function(FunctionName=name, Qualifier="1")
    with refuses("ResourceNotFoundException"):
        aws_lambda().get_function(FunctionName=name, Qualifier="1")
    published = aws_lambda().create_function(
        FunctionName=unique("f"), Runtime="provided.al2023", Handler="bootstrap", Role=ROLE, Publish=True,
        Code={"ZipFile": zipped({"bootstrap.wasm": guest("echo")})},
    )
    equal(published["Version"], "1")


@calls(refused=("lambda.PublishVersion", "lambda.ListVersionsByFunction"))
def test_what_cannot_be_published() -> None:
    name = function("echo")["FunctionName"]
    with refuses("PreconditionFailedException"):
        aws_lambda().publish_version(FunctionName=name, RevisionId="another")
    with refuses("InvalidParameterValueException"):
        aws_lambda().publish_version(FunctionName=name, CodeSha256="another")
    with refuses("ResourceNotFoundException"):
        aws_lambda().publish_version(FunctionName=unique("missing"))
    with refuses("ResourceNotFoundException"):
        aws_lambda().list_versions_by_function(FunctionName=unique("missing"))


@calls("lambda.TagResource", "lambda.UntagResource", "lambda.ListTags", refused=("lambda.TagResource", "lambda.ListTags"))
def test_tags_come_and_go() -> None:
    arn = arn_of(python())
    aws_lambda().tag_resource(Resource=arn, Tags={"a": "1", "b": "2"})
    equal(aws_lambda().list_tags(Resource=arn)["Tags"], {"a": "1", "b": "2"})
    aws_lambda().untag_resource(Resource=arn, TagKeys=["a", "c"])
    equal(aws_lambda().list_tags(Resource=arn)["Tags"], {"b": "2"})
    with refuses("ResourceNotFoundException"):
        aws_lambda().tag_resource(Resource=arn_of("missing"), Tags={"a": "1"})
    with refuses("ResourceNotFoundException"):
        aws_lambda().list_tags(Resource=arn_of("missing"))


@calls("lambda.AddPermission", "lambda.GetPolicy", "lambda.RemovePermission")
def test_permissions_are_kept_as_a_policy() -> None:
    name = python()
    given = {"FunctionName": name, "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "states.amazonaws.com"}
    statement = json.loads(aws_lambda().add_permission(**given)["Statement"])
    equal(statement["Sid"], "s")
    equal((statement["Effect"], statement["Action"]), ("Allow", "lambda:InvokeFunction"))
    equal((statement["Principal"], statement["Resource"]), ({"Service": "states.amazonaws.com"}, arn_of(name)))
    with refuses("ResourceConflictException"):
        aws_lambda().add_permission(**given)
    policy = aws_lambda().get_policy(FunctionName=name)
    equal(json.loads(policy["Policy"])["Statement"], [statement])
    assert policy["RevisionId"]
    aws_lambda().remove_permission(FunctionName=name, StatementId="s")
    with refuses("ResourceNotFoundException"):
        aws_lambda().get_policy(FunctionName=name)
    with refuses("ResourceNotFoundException"):
        aws_lambda().remove_permission(FunctionName=name, StatementId="s")
    with refuses("ResourceNotFoundException"):
        aws_lambda().add_permission(**{**given, "FunctionName": unique("missing")})


@calls("lambda.PutFunctionConcurrency", "lambda.GetFunctionConcurrency", "lambda.DeleteFunctionConcurrency")
def test_a_function_without_concurrency_is_throttled() -> None:
    name = function("echo")["FunctionName"]
    assert "ReservedConcurrentExecutions" not in aws_lambda().get_function_concurrency(FunctionName=name)
    put = aws_lambda().put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    equal(put["ReservedConcurrentExecutions"], 0)
    equal(aws_lambda().get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"], 0)
    equal(aws_lambda().get_function(FunctionName=name)["Concurrency"], {"ReservedConcurrentExecutions": 0})
    with refuses("TooManyRequestsException"):
        aws_lambda().invoke(FunctionName=name)
    aws_lambda().delete_function_concurrency(FunctionName=name)
    equal(invoked(name, 1)["Payload"], 1)
    for ask in (aws_lambda().get_function_concurrency, aws_lambda().delete_function_concurrency):
        with refuses("ResourceNotFoundException"):
            ask(FunctionName=unique("missing"))


@calls("lambda.Invoke")
def test_events_wait_until_there_is_room_for_them() -> None:
    name = function("faulty")["FunctionName"]
    aws_lambda().put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    for _ in range(2):
        equal(invoked(name, {"do": "sleep", "seconds": 0.5}, InvocationType="Event")["StatusCode"], 202)

    def ends() -> int:
        try:
            found = client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="REPORT")
        except client("logs").exceptions.ResourceNotFoundException:
            return 0
        return len(found["events"])

    until(lambda: ends() == 2)


@calls("lambda.GetFunctionCodeSigningConfig", "lambda.GetAccountSettings")
def test_what_infrastructure_tools_ask_besides() -> None:
    name = python()
    found = aws_lambda().get_function_code_signing_config(FunctionName=name)
    equal(found["FunctionName"], name)
    with refuses("ResourceNotFoundException"):
        aws_lambda().get_function_code_signing_config(FunctionName=unique("missing"))
    settings = aws_lambda().get_account_settings()
    assert settings["AccountLimit"]["ConcurrentExecutions"] > 0 and settings["AccountUsage"]["FunctionCount"] > 0


@calls("lambda.DeleteFunction", refused=("lambda.Invoke",))
def test_a_deleted_function_is_gone() -> None:
    name = function("echo")["FunctionName"]
    arn = machine(task(arn_of(name)))
    equal(output(ended(start(arn, 1))), 1)
    aws_lambda().delete_function(FunctionName=name)
    with refuses("ResourceNotFoundException"):
        aws_lambda().invoke(FunctionName=name)
    found = ended(start(arn, 1))
    equal((found["status"], found["error"]), ("FAILED", "Lambda.ResourceNotFoundException"))
    function("faulty", FunctionName=name)
    equal(output(ended(start(arn, {"do": "echo"}))), {"do": "echo"})


@calls("lambda.CreateFunction", "lambda.Invoke")
def test_python_that_the_functions_file_binds_runs_as_its_guest() -> None:
    name = python("validate-order", Runtime="python3.9", Handler="validate_order.lambda_handler")
    order = {"orderId": "O-1", "customerId": "C-1", "amount": 1}
    found = invoked(name, order)
    equal(found["Payload"], {"valid": True, "orderId": "O-1", "errors": []})
    equal(output(run(task(arn_of(name)), order))["valid"], True)
    aws_lambda().delete_function(FunctionName=name)
    # What the file binds is there with and without a deployed function.
    equal(invoked(name, order)["Payload"]["valid"], True)


@calls("lambda.CreateFunction", "lambda.Invoke")
def test_python_that_nothing_binds_says_what_is_missing() -> None:
    for runtime, handler in (("python3.12", "app.lambda_handler"), ("nodejs22.x", "index.handler")):
        name = python(Runtime=runtime, Handler=handler)
        found = invoked(name, {})
        equal(found["FunctionError"], "Unhandled")
        message = found["Payload"]["errorMessage"]
        assert runtime in message and "wf-host.toml" in message and name in message, message
        execution = run(task(arn_of(name)), {})
        equal(execution["status"], "FAILED")
        assert "LambdaFunctionFailed" in types(execution["executionArn"])
        assert "wf-host.toml" in execution["cause"], execution["cause"]


@calls("lambda.CreateFunction", "lambda.Invoke")
def test_the_forms_in_which_a_guest_is_handed_over() -> None:
    for code, handler in (
        (zipped({"bootstrap.wasm": guest("echo")}), "anything"),
        (zipped({"readme.txt": "r", "mine.wasm": guest("echo")}), "mine"),
        (zipped({"mine.wasm": guest("echo"), "other.wasm": guest("faulty")}), "mine.handler"),
        (guest("echo"), "bootstrap"),
    ):
        name = unique("f")
        aws_lambda().create_function(
            FunctionName=name, Runtime="provided.al2023", Handler=handler, Role=ROLE, Code={"ZipFile": code}
        )
        aws_lambda().get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        equal(invoked(name, {"n": 1})["Payload"], {"n": 1})


@calls("lambda.Invoke")
def test_a_zip_that_unpacks_without_end_is_no_danger() -> None:
    bytes_ = io.BytesIO()
    with zipfile.ZipFile(bytes_, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bootstrap.wasm", b"\0asm\1\0\0\0" + bytes(300 * 1024 * 1024))
    name, began = unique("f"), time.monotonic()
    try:
        aws_lambda().create_function(
            FunctionName=name, Runtime="provided.al2023", Handler="h", Role=ROLE, Code={"ZipFile": bytes_.getvalue()}
        )
    except aws_lambda().exceptions.InvalidParameterValueException as error:
        assert "262144000" in str(error), error
    assert time.monotonic() - began < 30
    equal(invoked(function("echo")["FunctionName"], 1)["Payload"], 1)


@calls("lambda.Invoke")
def test_nothing_stays_in_the_file_system_that_was_not_granted() -> None:
    name = function("faulty")["FunctionName"]
    found = invoked(name, {"do": "read-outside"})
    assert "refused" in found["Payload"], found["Payload"]
    invoked(name, {"do": "write-file", "path": "/tmp/note", "text": "n"})
    found = invoked(name, {"do": "read-file", "path": "/etc/passwd"})
    equal(found["FunctionError"], "Unhandled")


def test_what_stands_in_the_functions_file_is_in_nobodys_way() -> None:
    """A suite that cleans up first, or creates what is not there, finds a fresh account."""
    name = "check-payment-method"
    for look in ("get_function", "get_function_configuration", "delete_function"):
        with refuses("ResourceNotFoundException"):
            getattr(aws_lambda(), look)(FunctionName=name)
    found = invoked(name, {"orderId": "O-1"})
    assert found["StatusCode"] == 200, found
    states = client("stepfunctions")
    given = {"name": "order-workflow", "roleArn": ROLE}
    definition = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    arn = states.create_state_machine(definition=definition, **given)["stateMachineArn"]
    equal(states.describe_state_machine(stateMachineArn=arn)["definition"], definition)
    with refuses("StateMachineAlreadyExists"):
        states.create_state_machine(definition=definition.replace("Pass", "Succeed").replace(', "End": true', ""), **given)
