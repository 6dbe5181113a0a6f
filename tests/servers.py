"""Servers of files for tests: S3 and HTTP on 127.0.0.1, each on a free port."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

KEY = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "s3cret"}
REGION = {"AWS_REGION": "us-east-1"}


@contextmanager
def s3() -> Iterator[dict[str, str]]:
    """Start a server of S3, and give the variables that lead to it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        yield KEY | REGION | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    finally:
        server.stop()


def upload(folder: Path, bucket: str, variables: dict[str, str]) -> None:
    """Write the files of a folder into a bucket, which is made."""
    client = boto3.client(
        "s3",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_bucket(Bucket=bucket)
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            client.upload_file(str(file), bucket, str(file.relative_to(folder)))


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder to those who give the token in the query."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        """Send a file."""
        self._answer(super().do_GET)

    def do_HEAD(self) -> None:
        """Send what is known of a file."""
        self._answer(super().do_HEAD)

    def _answer(self, send: object) -> None:
        path, _, query = self.path.partition("?")
        if not query.startswith("token=s3cret"):
            self.send_error(403)
            return
        self.path = path
        send()


@contextmanager
def http(folder: Path) -> Iterator[str]:
    """Serve a folder, and give its address."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(_Handler, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
