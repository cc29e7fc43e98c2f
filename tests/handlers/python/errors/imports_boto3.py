import boto3

TABLE = boto3.resource("dynamodb").Table("orders")


def lambda_handler(event, context):
    return TABLE.get_item(Key={"id": event["id"]})
