"""What the service takes for granted of its own functions."""

from inspect import iscoroutinefunction

from flask import Flask
from flask.testing import FlaskClient


def test_no_function_that_answers_is_a_coroutine(client: FlaskClient) -> None:
    app: Flask = client.application
    hooks = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    called = [*app.view_functions.values()]
    called += [one for kind in hooks for functions in kind.values() for one in functions]
    for codes in app.error_handler_spec.values():
        called += [one for handlers in codes.values() for one in handlers.values()]
    assert len(called) > 100
    assert not [one for one in called if iscoroutinefunction(one)]
