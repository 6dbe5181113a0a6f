"""Outlines of countries, states and counties for maps, from files in this package.

They are TopoJSON: arcs of quantised, relative coordinates, which the borders of all
areas are made of. ``LICENSE`` says where they come from and how large they are.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

# Files, and what each object of theirs is; the first one that an arc is part of counts.
FILES = {
    "world": {"countries": "country"},
    "us": {"nation": "country", "states": "state", "counties": "county"},
}
# Degrees around the mainland of the United States: only there are counties.
UNITED_STATES = (-125.0, 24.0, -66.0, 50.0)
# Of the extent that is shown, how far outlines go on beyond it on each side.
MARGIN = 0.5
# Degrees of an extent beyond which counties are too many to be told apart.
WIDEST_WITH_COUNTIES = 12.0


class Extent(NamedTuple):
    """A part of the Earth, in degrees."""

    west: float
    south: float
    east: float
    north: float

    def widen(self, share: float) -> "Extent":
        """Return an extent that goes on beyond this one; at least a tenth degree."""
        x = max(share * (self.east - self.west), 0.1)
        y = max(share * (self.north - self.south), 0.1)
        return Extent(self.west - x, self.south - y, self.east + x, self.north + y)

    def overlaps(self, other: "Extent") -> bool:
        """Return whether two extents have a part in common.

        >>> Extent(0, 0, 2, 2).overlaps(Extent(1, 1, 3, 3))
        True
        """
        return (
            self.west <= other.east
            and other.west <= self.east
            and self.south <= other.north
            and other.south <= self.north
        )


class Arc(NamedTuple):
    """A line: what it bounds, its extent and its points."""

    kind: str
    extent: Extent
    points: np.ndarray


def outlines(extent: Extent) -> pd.DataFrame:
    """Return the outlines in and around an extent.

    Returns
    -------
    DataFrame
        One row per point: line and point (numbers), kind (country, state or county),
        x and y (degrees of longitude and latitude).
    """
    wide = extent.widen(MARGIN)
    names = ["us"] if Extent(*UNITED_STATES).overlaps(extent) else ["world"]
    has_counties = extent.east - extent.west <= WIDEST_WITH_COUNTIES
    shown = [
        arc
        for name in names
        for arc in _read(name)
        if arc.extent.overlaps(wide) and (has_counties or arc.kind != "county")
    ]
    if not shown:
        return pd.DataFrame(columns=["line", "point", "kind", "x", "y"])
    points = np.concatenate([arc.points for arc in shown])
    lengths = [len(arc.points) for arc in shown]
    return pd.DataFrame(
        {
            "line": np.repeat(np.arange(len(shown)), lengths),
            "point": np.arange(len(points)),
            "kind": np.repeat([arc.kind for arc in shown], lengths),
            "x": points[:, 0].round(4),
            "y": points[:, 1].round(4),
        }
    )


@cache
def _read(name: str) -> tuple[Arc, ...]:
    """Return all arcs of a file."""
    file = resources.files("clustering.presentation.outlines") / f"{name}.json.gz"
    topology = json.loads(gzip.decompress(file.read_bytes()))
    scale, shift = (np.array(topology["transform"][k]) for k in ("scale", "translate"))
    kinds: dict[int, str] = {}
    for layer, kind in FILES[name].items():
        for number in _numbers(topology["objects"][layer]):
            kinds.setdefault(number, kind)
    decoded = ((n, np.cumsum(arc, axis=0)) for n, arc in enumerate(topology["arcs"]))
    return tuple(
        _to_arc(kinds[number], points * scale + shift)
        for number, points in decoded
        if number in kinds
    )


def _numbers(geometry: Mapping[str, Any]) -> Iterator[int]:
    """Yield the numbers of all arcs of a geometry; one that is reversed is negative."""
    for part in geometry.get("geometries", ()):
        yield from _numbers(part)
    waiting = list(geometry.get("arcs", ()))
    while waiting:
        found = waiting.pop()
        if isinstance(found, int):
            yield found if found >= 0 else ~found
        else:
            waiting.extend(found)


def _to_arc(kind: str, points: np.ndarray) -> Arc:
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    return Arc(kind, Extent(west, south, east, north), points)
