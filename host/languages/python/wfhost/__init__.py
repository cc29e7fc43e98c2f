"""What stands between the sandbox and a Python handler: a runtime that behaves as Lambda's does.

All of it is imported while the component is built, and frozen into its snapshot together with the
interpreter and the standard library. Nothing here may be imported at run time: when an invocation starts,
`fresh.renew` takes these modules out of `sys.modules`, so that a function may have an `app.py` or a
`wfhost.py` of its own.
"""
