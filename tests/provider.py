"""An identity provider for tests: OpenID Connect on 127.0.0.1, for whoever comes."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, CLIENT_SECRET = "dashboard", "a secret of the client"
KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})


class _Handler(BaseHTTPRequestHandler):
    """Sends everyone back as ``server.person``, without asking."""

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        """Describe the provider, or send a browser back with a code."""
        url = urlsplit(self.path)
        if url.path != "/authorize":
            return self._send(self._described(url.path))
        asked = {name: value for name, (value, *_) in parse_qs(url.query).items()}
        self.server.nonce = asked.get("nonce")
        back = urlencode({"code": "1", "state": asked["state"]})
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{back}")
        return self.end_headers()

    def do_POST(self) -> None:
        """Give the token for a code to the client that knows its secret."""
        size = int(self.headers["Content-Length"])
        body = parse_qs(self.rfile.read(size).decode())
        _, _, basic = self.headers.get("Authorization", "").partition(" ")
        known = base64.b64decode(basic).decode() or ":".join(
            body[name][0] for name in ("client_id", "client_secret")
        )
        if CLIENT_SECRET.replace(" ", "+") not in known.replace(" ", "+"):
            self.send_error(401)
            return
        now = int(time.time())
        claims = {
            **self.server.person,
            "iss": self.server.url,
            "aud": CLIENT,
            "sub": "1",
            "iat": now,
            "exp": now + 600,
            "nonce": self.server.nonce,
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, KEY)
        self._send({"access_token": "1", "token_type": "Bearer", "id_token": token})

    def _described(self, path: str) -> dict:
        if path == "/keys":
            return {"keys": [KEY.as_dict(private=False)]}
        url = self.server.url
        return {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "jwks_uri": f"{url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def _send(self, content: dict) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())


@contextmanager
def provider(person: dict[str, object]) -> Iterator[str]:
    """Start a provider that takes everyone for ``person``, and give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.url = f"http://127.0.0.1:{server.server_port}"
    server.person, server.nonce = person, None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
