"""Ask the real server, in a process of its own, through the protocol."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.conftest import CLUSTERING


class Call(NamedTuple):
    """What is asked: a tool and its arguments."""

    tool: str
    arguments: dict[str, Any]


class Said(NamedTuple):
    """What came back: an answer, or an error; and all of its text."""

    answer: dict[str, Any] | None
    text: str


def ask_server(data: Path, calls: Sequence[Call]) -> list[Said]:
    """Start the server on a data folder, and make the calls in turn."""
    started = StdioServerParameters(
        command=str(CLUSTERING), args=["mcp"], env={"DATA_DIR": str(data)}
    )

    async def talk() -> list[Said]:
        async with Client(stdio_client(started)) as client:
            return [_said(await client.call_tool(*call)) for call in calls]

    return anyio.run(talk)


def _said(result: Any) -> Said:
    text = json.dumps([part.text for part in result.content])
    return Said(None if result.is_error else result.structured_content, text)
