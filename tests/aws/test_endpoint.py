"""One address for every service: routing, health, metrics, and who may ask at all."""

import json
import pathlib
import subprocess
import sys
import tempfile

from botocore.exceptions import ClientError

from harness import PASS, ROLE, ROOT, aws, calls, client, ended, equal, machine, refuses, sfn, start, unique
from raw import PORT, credential, http_request, memory, target


def test_health_is_told_where_scripts_look_for_it() -> None:
    for path in ("/_localstack/health", "/_wf-host/health"):
        status, headers, body = http_request("GET", path)
        equal((status, headers["content-type"].partition(";")[0]), (200, "application/json"))
        if path.startswith("/_localstack"):
            services = json.loads(body)["services"]
            for name in ("stepfunctions", "lambda", "iam", "sts", "logs"):
                assert services[name] in ("available", "running"), services
    equal(http_request("HEAD", "/_localstack/health")[0], 200)


def test_metrics_are_told_in_the_form_of_prometheus() -> None:
    ended(start(machine(PASS)))
    status, headers, body = http_request("GET", "/metrics")
    equal(status, 200)
    assert headers["content-type"].startswith(("text/plain", "application/openmetrics-text")), headers
    lines = body.decode().splitlines()
    assert any(line.startswith("# TYPE ") for line in lines)
    assert any("StartExecution" in line for line in lines), lines[:40]


def test_requests_are_answered_by_what_they_name() -> None:
    status, headers, body = target("ListStateMachines", {})
    equal((status, headers["content-type"]), (200, "application/x-amz-json-1.0"))
    assert headers["x-amzn-requestid"] and "stateMachines" in json.loads(body)
    status, _, body = http_request(
        "POST", "/", json.dumps({}), {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Logs_20140328.DescribeLogGroups"}
    )
    equal((status, "logGroups" in json.loads(body)), (200, True))
    form = {"Content-Type": "application/x-www-form-urlencoded", **credential("sts")}
    status, headers, body = http_request("POST", "/", "Action=GetCallerIdentity&Version=2011-06-15", form)
    equal(status, 200)
    assert b"<Account>000000000000</Account>" in body and headers["content-type"].startswith("text/xml")
    status, _, body = http_request("GET", "/2015-03-31/functions/")
    equal((status, "Functions" in json.loads(body)), (200, True))


def test_each_region_has_its_own() -> None:
    name = unique()
    body = {"name": name, "definition": json.dumps(PASS), "roleArn": ROLE}
    _, _, made = target("CreateStateMachine", body, **credential("states", "ap-south-1"))
    assert ":ap-south-1:" in json.loads(made)["stateMachineArn"]


def test_a_service_that_is_not_here_says_so() -> None:
    with refuses_any("DynamoDB"):
        client("dynamodb").list_tables()
    with refuses_any("SQS"):
        client("sqs").list_queues()
    message = aws("sns", "list-topics", "--endpoint-url", f"http://127.0.0.1:{PORT}", code=255, AWS_MAX_ATTEMPTS="1")
    assert "sns" in message.lower(), message
    said = aws("s3", "ls", "--endpoint-url", f"http://127.0.0.1:{PORT}", code=255, AWS_MAX_ATTEMPTS="1")
    assert "s3" in said.lower(), said


class refuses_any:
    """An error of the service, of whatever code, whose message holds a word."""

    def __init__(self, word: str) -> None:
        self.word = word

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: object, _trace: object) -> bool:
        assert isinstance(error, ClientError), error
        assert self.word.lower() in error.response["Error"]["Message"].lower(), error
        return True


def test_an_operation_that_is_not_there() -> None:
    status, headers, body = target("MakeCoffee", {})
    equal((status, json.loads(body)["__type"].rpartition("#")[2]), (400, "UnknownOperationException"))
    assert headers["x-amzn-requestid"]
    form = {"Content-Type": "application/x-www-form-urlencoded", **credential("iam")}
    status, _, body = http_request("POST", "/", "Action=MakeCoffee&Version=2010-05-08", form)
    equal((status, b"<Code>InvalidAction</Code>" in body), (400, True))
    status, _, body = http_request("GET", "/2015-03-31/coffee", headers=credential("lambda"))
    assert 400 <= status < 500 and json.loads(body), (status, body)


def test_a_web_page_elsewhere_drives_nothing() -> None:
    name = unique("forged")
    body = {"name": name, "definition": json.dumps(PASS), "roleArn": ROLE}
    for headers in (
        {"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Host": f"evil.example:{PORT}"}, {"Origin": "null"},
        {"Host": f"127.0.0.1.evil.example:{PORT}"}, {"Origin": f"http://localhost.evil.example:{PORT}"},
    ):
        status, answer, _ = target("CreateStateMachine", body, **headers)
        equal((headers, status), (headers, 403))
        assert not any(header.startswith("access-control-") for header in answer), answer
    status, answer, _ = http_request("OPTIONS", "/", headers={
        "Origin": "https://evil.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-amz-target",
    })
    assert status >= 400 and not any(header.startswith("access-control-") for header in answer), (status, answer)
    assert all(one["name"] != name for one in sfn().list_state_machines(maxResults=1000)["stateMachines"])


def test_those_at_home_may_ask_by_every_name_of_it() -> None:
    for host in (
        "localhost", f"localhost:{PORT}", f"127.0.0.1:{PORT}", f"[::1]:{PORT}", f"localhost.localstack.cloud:{PORT}",
        f"sync-localhost:{PORT}", f"sync-127.0.0.1:{PORT}", f"sync-localhost.localstack.cloud:{PORT}", f"LOCALHOST:{PORT}",
    ):
        equal((host, target("ListStateMachines", {}, Host=host)[0]), (host, 200))
    equal(target("ListStateMachines", {}, Origin=f"http://localhost:{PORT}")[0], 200)


@calls("stepfunctions.StartExecution")
def test_a_request_id_is_never_given_twice() -> None:
    ids = {sfn().list_state_machines()["ResponseMetadata"]["RequestId"] for _ in range(50)}
    equal(len(ids), 50)
    start(machine(PASS))


def test_the_models_are_those_of_the_client() -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, str(ROOT / "scripts/models"), folder], check=True, timeout=60)
        for path in sorted(pathlib.Path(folder).iterdir()):
            kept = (ROOT / "host/api/models" / path.name).read_text().splitlines()
            made = path.read_text().splitlines()
            equal((path.name, [line for line in kept if line not in made]), (path.name, []))
            equal((path.name, [line for line in made if line not in kept]), (path.name, []))


def test_an_idle_server_is_small() -> None:
    assert memory() < 200 * 1024, f"{memory()} KiB in a build without optimisation"


@calls(refused=("stepfunctions.DescribeStateMachine",))
def test_payloads_and_texts_of_any_alphabet_come_back() -> None:
    text = "\u00fc \u4f60\u597d \U0001f600 \" \\ \n \t < & >"
    found = ended(start(machine(PASS), {"text": text}))
    equal(json.loads(found["output"]), {"text": text})
    equal(json.loads(found["input"]), {"text": text})
    with refuses("InvalidArn"):
        sfn().describe_state_machine(stateMachineArn=text)
