"""One clear error for a setting that is not one of the known ones."""

from collections.abc import Mapping
from typing import TypeVar

Choice = TypeVar("Choice")


def chosen(setting: str, value: str, choices: Mapping[str, Choice]) -> Choice:
    """Return the choice that ``value`` names.

    Raises
    ------
    ValueError
        If there is no such choice: it names the setting, the value found and the
        values wanted.

    Examples
    --------
    >>> chosen("scaling", "max", {"robust": 1, "none": 0})
    Traceback (most recent call last):
    ValueError: got scaling='max', expected one of: robust, none
    """
    if value not in choices:
        raise ValueError(
            f"got {setting}={value!r}, expected one of: {', '.join(choices)}"
        )
    return choices[value]
