"""Debian's chromium, as tests of pages start it."""

import shutil

import pytest

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """Return the program; without it, the test is skipped."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs chromium")
    return program
