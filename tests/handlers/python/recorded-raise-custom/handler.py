"""Raises an exception of its own class, which has no arguments."""


class CustomException(Exception):
    """What the workflow is to catch."""


def handler(event, context):
    raise CustomException()
