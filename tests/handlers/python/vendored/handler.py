from importlib import metadata

import greeter


def lambda_handler(event, context):
    (point,) = metadata.entry_points(group="greeters")
    return {
        "greeting": greeter.greet(event["name"]),
        "version": greeter.__version__,
        "fast": greeter.FAST,
        "entry": point.load()(event["name"]),
        "names": [distribution.name for distribution in metadata.distributions()],
    }
