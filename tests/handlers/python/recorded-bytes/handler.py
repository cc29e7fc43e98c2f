import json


def handler(event, context):
    return json.dumps("HelloWorld!").encode()
