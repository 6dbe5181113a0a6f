"""The columns with the latitude and the longitude of a store."""

from itertools import permutations

from clustering.core.input.guesses.folder import Loaded
from clustering.core.input.guesses.names import likeness
from clustering.core.input.guesses.profiles import Profile
from clustering.core.input.guesses.scores import CLEAR, Guess, best, name_points


def find_coordinates(table: Loaded) -> tuple[Guess, Guess] | None:
    """Return latitude and longitude: the two numbers with many decimals that fit."""
    degrees = [
        one
        for one in table.columns
        if one.is_number and one.precise > 0.8 and max(-one.least, one.most) <= 180
    ]
    named = [
        best(
            (one, name_points(one, role)) for one in degrees if likeness(one.name, role)
        )
        for role in ("latitude", "longitude")
    ]
    if all(named):
        latitude, longitude = (found[0] for found in named if found)
        return _coordinates(table, latitude, longitude, "its name", is_sure=True)
    found = best(
        ((north, east), _degrees_points(north, east))
        for north, east in permutations(degrees, 2)
        if _degrees_points(north, east) > 0
    )
    if found is None:
        return None
    (north, east), lead, _ = found
    return _coordinates(table, north, east, "degrees", is_sure=lead >= CLEAR)


def _coordinates(
    table: Loaded, north: Profile, east: Profile, why: str, *, is_sure: bool
) -> tuple[Guess, Guess]:
    return Guess(table, north, why, is_sure), Guess(table, east, why, is_sure)


def _degrees_points(north: Profile, east: Profile) -> float:
    """Return points of two columns as coordinates: far from 0 for what they span."""
    if max(-north.least, north.most) > 90:
        return 0.0

    def is_far(column: Profile) -> bool:
        span = column.most - column.least
        return span > 0 and abs(column.mean) > span

    if not is_far(north):
        return 0.0
    beyond = max(-east.least, east.most) > 90 or (east.most < 0 < north.least)
    return 1.0 + 2.0 * beyond + 1.0 * is_far(east) + (abs(north.mean) > abs(east.mean))
