import datetime
import json
import logging

logger = logging.getLogger()


def handler(event, context):
    logger.debug("order %s", event["orderId"])
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"id": event["orderId"], "size": len(json.dumps(event)), "at": now.isoformat()}
