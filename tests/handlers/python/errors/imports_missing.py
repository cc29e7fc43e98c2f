import requests_that_nobody_vendored


def lambda_handler(event, context):
    return requests_that_nobody_vendored.get("x")
