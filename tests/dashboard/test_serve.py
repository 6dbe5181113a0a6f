"""The server answers this machine, and says what is wrong in one line."""

import http.client
import socket
import subprocess
import sys
import tomllib
from urllib.parse import urlsplit

import pytest

from clustering.core.errors import ArgumentError
from clustering.dashboard.serve import APP, serve
from clustering.presentation.style import ACCENT
from tests.conftest import run_clustering
from tests.dashboard import browser as browsers
from tests.dashboard.conftest import visit


def test_taken_port_is_one_clear_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ArgumentError, match=f"port {port} of 127.0.0.1.*--port"):
            serve(port=port)
        result = subprocess.run(
            [sys.executable, "-m", "clustering.dashboard.serve", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("port", ["0", "99999"])
def test_invalid_port_is_one_clear_line(port, tmp_path):
    result = run_clustering("dashboard", "--port", port, data=tmp_path)
    assert result.returncode == 2
    assert result.stderr == f"Error: got --port {port}, expected 1 to 65535 [E200]\n"


def test_other_addresses_of_the_machine_are_not_answered(server):
    port = urlsplit(server).port
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
    # any address is the machine's own below 127; one that listens on all answers here
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)


def shake_hands(server: str, **headers: str) -> int:
    """Ask for a WebSocket, as a page in a browser does, and return the status."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=20)
    asked = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    connection.request("GET", "/_stcore/stream", headers=asked | headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_only_its_own_pages_can_use_it(server):
    """Not those of another site, under whatever name, nor what is no browser."""
    port = urlsplit(server).port
    evil, other = "http://site.example", f"http://site.example:{port}"
    assert shake_hands(server, Origin=server) == 101
    local = f"localhost:{port}"
    assert shake_hands(server, Host=local, Origin=f"http://{local}") == 101
    assert shake_hands(server, Origin=evil) == 403
    assert shake_hands(server) == 403
    for origin in (evil, other):  # DNS that was made to point here
        host = urlsplit(origin).netloc
        assert shake_hands(server, Host=host, Origin=origin) == 403


def test_a_name_that_is_given_is_answered(tmp_path):
    with browsers.serve(tmp_path, "--host", "Stores.example") as url:
        named = {"Host": "stores.example", "Origin": "https://stores.example"}
        assert shake_hands(url, **named) == 101
        assert (
            shake_hands(url, Host="site.example", Origin="http://site.example") == 403
        )


def test_no_frame_shows_it_and_nothing_in_it_fetches_from_elsewhere(server, browser):
    page = browser.new_page()
    page.set_content(f'<iframe src="{server}"></iframe>')
    page.frames[1].wait_for_load_state()
    assert page.frames[1].url.startswith("chrome-error:")
    page.goto(server)
    refused = page.evaluate(
        """() => new Promise(done => {
            document.addEventListener(
                "securitypolicyviolation", event => done(event.blockedURI)
            );
            document.body.append(
                Object.assign(new Image(), {src: "http://site.example/picture.png"})
            );
        })"""
    )
    assert refused == "http://site.example/picture.png"
    page.close()


def test_streamlit_run_by_hand_has_the_same_options(
    sample_published, browser, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    by_hand = (sys.executable, "-m", "streamlit", "run", APP)
    data = sample_published.parent
    with browsers.serve(data, command=by_hand, flag="--server.port") as url:
        for visitor in visit(url, browser):  # a request to elsewhere fails it
            visitor.open()
            assert visitor.metric("Categories") == "4"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", urlsplit(url).port), timeout=5)


def test_accent_of_pages_is_that_of_charts():
    config = tomllib.loads(
        APP.with_name(".streamlit").joinpath("config.toml").read_text()
    )
    assert config["theme"]["primaryColor"] == ACCENT
