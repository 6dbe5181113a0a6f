"""Records every connection out of this machine that a Python process tries.

Python imports this by itself where its folder is on PYTHONPATH.
"""

import os
import sys
from pathlib import Path

LOCAL = {"127.0.0.1", "::1", "localhost"}


def _record(event: str, arguments: tuple) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if host not in LOCAL:
        with Path(os.environ["CONNECTIONS"]).open("a") as file:
            file.write(f"{event} {host}\n")


sys.addaudithook(_record)
