import time


def handler(event, context):
    time.sleep(1)
    return {"id": event["orderId"], "request": context.aws_request_id}
