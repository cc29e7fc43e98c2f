import os

TABLE = os.environ["TABLE_THAT_NOBODY_SET"]


def lambda_handler(event, context):
    return TABLE
