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
    """

    table: Loaded
    column: Profile
    why: str
    is_sure: bool


def best(choices: Iterable[tuple[T, float]]) -> tuple[T, float] | None:
    """Return the choice with the most points, and its lead; None where there is none.

    Of equal ones, the first counts.
    """
    ranked = sorted(choices, key=lambda choice: -choice[1])
    if not ranked:
        return None
    lead = ranked[0][1] - ranked[1][1] if len(ranked) > 1 else CLEAR
    return ranked[0][0], lead


def name_points(column: Profile, role: str) -> float:
    """Return the points of a column's name."""
    return NAME * likeness(column.name, role)
