"""WebSocket APIs with clients, as the tests of running them have them."""

from tests.services.apigatewayv2.websocket.conftest import (  # noqa: F401
    api,
    attach,
    fogline_platform,
    make_api,
    make_function,
)
