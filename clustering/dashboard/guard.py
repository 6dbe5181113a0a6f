"""The dashboard with a guard before it: whose requests are answered, and by what rules.

``clustering dashboard`` serves this module's ``app``. Somebody's page on another site,
open in the same browser, must not reach a dashboard that takes decisions: neither by a
request of its own, nor under a name that was made to point here (DNS rebinding), nor in
a frame.
"""

import os
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clustering.dashboard.serve import APP, HOSTS

# Streamlit compiles charts, and writes styles and scripts into the page. Pictures,
# fonts and data come from here alone: text in the data cannot fetch anything.
RULES = {
    "Content-Security-Policy": "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Refuses requests of other sites, and adds rules for browsers to every answer.

    Parameters
    ----------
    app : ASGIApp
        What answers the others.
    hosts : frozenset of str
        Names that the server answers to, in lower case; empty: any.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        problem = self._find_problem(scope)
        if problem:
            refusal = PlainTextResponse(f"{problem}\n", status_code=403)
            await refusal(scope, receive, send)
            return

        async def send_with_rules(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(RULES)
            await send(message)

        await self.app(scope, receive, send_with_rules)

    def _find_problem(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        name = urlsplit(f"//{host}").hostname or ""
        if self.hosts and name not in self.hosts:
            known = ", ".join(sorted(self.hosts))
            return (
                f"the dashboard does not answer to {name!r}, but to {known}; to let it:"
                " clustering dashboard --host NAME"
            )
        # a browser says whose page asks for a WebSocket; what is none has no business
        if scope["type"] == "websocket" and urlsplit(origin or "").netloc != host:
            return f"the dashboard does not answer pages of {origin or 'nobody'}"
        return None


def _hosts() -> frozenset[str]:
    names = os.environ.get(HOSTS, "").split(",")
    return frozenset(name.strip().lower() for name in names if name.strip())


app = st.App(APP, middleware=[Middleware(Guard, hosts=_hosts())])
