"""An object as the handler, in a module that is called app, as templates call it."""

import inspect
import sys


class App:
    def __init__(self, name):
        self.name = name
        self.middleware = []

    def use(self, function):
        self.middleware.append(function)
        return function

    def __call__(self, event, context):
        for function in self.middleware:
            event = function(event)
        return {"app": self.name, "event": event, "module": __name__, "source": inspect.getsource(upper).splitlines()[0]}


application = App("mine")


@application.use
def upper(event):
    return {key.upper(): value for key, value in event.items()}


@application.use
def modules(event):
    unwanted = [name for name in sys.modules if "wfhost" in name or "wit_world" in name or "componentize" in name]
    return {**event, "unwanted": unwanted}
