"""Options of a sample with their ranges, and its streams of random numbers."""

from dataclasses import dataclass
from zlib import crc32

import numpy as np

FORMATS = ("parquet", "csv")
SIGNALS = ("both", "internal", "external", "none")
NOISE_KINDS = ("plain", "lifelike")
SMALLEST = {"stores": 40, "categories": 1, "weeks": 4, "skus": 30, "seed": 0}
RANGES = {
    "separation": (0, 1),
    "noise": (0.1, 10),
    "imbalance": (0, 1),
    "size_spread": (0, 3),
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """The size, seed, format and difficulty of one sample.

    Raises
    ------
    ValueError
        Where a number is below what the planted structure needs or out of its
        range, or the format or the signal is unknown.

    Examples
    --------
    >>> Options(stores=3, categories=1, weeks=8, skus=40, seed=1, format="csv")
    Traceback (most recent call last):
        ...
    ValueError: got stores=3, expected at least 40
    """

    stores: int
    categories: int
    weeks: int
    skus: int
    seed: int
    format: str
    separation: float = 1.0
    noise: float = 1.0
    imbalance: float = 0.0
    size_spread: float = 0.4
    signal: str = "both"
    noise_kind: str = "plain"

    def __post_init__(self) -> None:
        for name, smallest in SMALLEST.items():
            if getattr(self, name) < smallest:
                found = getattr(self, name)
                raise ValueError(f"got {name}={found}, expected at least {smallest}")
        for name, (low, high) in RANGES.items():
            if not low <= getattr(self, name) <= high:
                found = getattr(self, name)
                raise ValueError(f"got {name}={found}, expected {low} to {high}")
        choices = {"format": FORMATS, "signal": SIGNALS, "noise_kind": NOISE_KINDS}
        for name, wanted in choices.items():
            if getattr(self, name) not in wanted:
                found = getattr(self, name)
                raise ValueError(f"got {name}={found!r}, expected {_either(wanted)}")

    def shows(self, side: str) -> bool:
        """Return whether the stores of this side differ by segment."""
        return self.signal in ("both", side)

    def open_stream(self, topic: str, *, part: int) -> np.random.Generator:
        """Return the random numbers of one topic and part, the same at every call.

        Streams are independent: a change of one topic leaves the others as they are.

        Examples
        --------
        >>> size = {"stores": 40, "categories": 1, "weeks": 4, "skus": 30}
        >>> options = Options(**size, seed=42, format="csv")
        >>> first = options.open_stream("sales", part=0).random()
        >>> first == options.open_stream("sales", part=0).random()
        True
        >>> first == options.open_stream("sales", part=1).random()
        False
        """
        return np.random.default_rng([self.seed, crc32(topic.encode()), part])


def _either(wanted: tuple[str, ...]) -> str:
    return f"{', '.join(wanted[:-1])} or {wanted[-1]}"
