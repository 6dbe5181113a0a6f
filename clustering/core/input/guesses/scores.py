"""Points for what a table or a column could be, and the best of several."""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from clustering.core.input.guesses.folder import Loaded
from clustering.core.input.guesses.names import likeness
from clustering.core.input.guesses.profiles import Profile

T = TypeVar("T")
# Points of a name that says it all; what contents say is worth about as much together.
NAME = 4.0
# Share of rows from which on one column determines another, and of values in common.
DETERMINES = 0.98
JOINS = 0.5
# Points between the best and the next from which on a guess is sure.
CLEAR = 1.0


class Guess(NamedTuple):
    """A column that was found.

    Parameters
    ----------
    table : Loaded
        Where.
    column : Profile
        Which.
    why : str
        What speaks for it, in words.
    is_sure : bool
        Whether no other column comes near.
    other : Profile or None
        The column that comes next, if there is one.
    """

    table: Loaded
    column: Profile
    why: str
    is_sure: bool
    other: Profile | None = None


def best(choices: Iterable[tuple[T, float]]) -> tuple[T, float, T | None] | None:
    """Return the choice with the most points, its lead, and the one that comes next.

    Of equal ones, the first counts. None where there is none.
    """
    ranked = sorted(choices, key=lambda choice: -choice[1])
    if not ranked:
        return None
    first, points = ranked[0]
    if len(ranked) == 1:
        return first, CLEAR, None
    other, fewer = ranked[1]
    return first, points - fewer, other


def name_points(column: Profile, role: str) -> float:
    """Return the points of a column's name."""
    return NAME * likeness(column.name, role)
