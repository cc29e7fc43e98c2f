"""Answers a request of an HTTP API."""

import base64
import json
import re
from http import HTTPStatus
from urllib.parse import parse_qs, quote, urlencode, urlparse

ROUTES = []


def route(method, pattern):
    compiled = re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", pattern))

    def register(function):
        ROUTES.append((method, compiled, function))
        return function

    return register


@route("GET", "/orders/<order_id>")
def get_order(event, order_id):
    query = parse_qs(event.get("rawQueryString", ""))
    return {"id": order_id, "fields": query.get("field", [])}


@route("POST", "/orders")
def create_order(event):
    body = event["body"]
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body)
    order = json.loads(body)
    link = "https://shop.example/?" + urlencode({"q": order["name"], "at": quote("a/b", safe="")})
    return {"created": order, "host": urlparse(link).hostname, "link": link}


def respond(status, body):
    return {
        "statusCode": status.value,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body, sort_keys=True),
        "reason": status.phrase,
    }


def lambda_handler(event, context):
    request = event["requestContext"]["http"]
    for method, pattern, function in ROUTES:
        if method == request["method"] and (found := pattern.fullmatch(request["path"])):
            return respond(HTTPStatus.OK, function(event, **found.groupdict()))
    return respond(HTTPStatus.NOT_FOUND, {"path": request["path"]})
