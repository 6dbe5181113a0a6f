"""The code blocks on a page of docs/, for tests that run them unchanged."""

import re

from clustering.core.paths import PROJECT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)


def blocks(page: str, language: str) -> list[str]:
    """Return the page's blocks of one language, in order."""
    text = (PROJECT / "docs" / page).read_text()
    return [block for named, block in BLOCK.findall(text) if named == language]


def block(page: str, language: str, *, having: str) -> str:
    """Return the one block that has these words."""
    [found] = [block for block in blocks(page, language) if having in block]
    return found
