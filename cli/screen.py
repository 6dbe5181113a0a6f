"""What the commands print on."""

from rich.console import Console


def new_console() -> Console:
    """Return a console; where output is no terminal, wide enough for the tables."""
    width = None if Console().is_terminal else 110
    # names of the input are shown as they are
    return Console(width=width, markup=False, emoji=False)
