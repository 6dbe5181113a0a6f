"""What a sample can be asked for, and what is refused."""

from dataclasses import dataclass

FORMATS = ("parquet", "csv")
SMALLEST = {"stores": 40, "categories": 1, "weeks": 4, "skus": 30, "seed": 0}


@dataclass(frozen=True, kw_only=True)
class Options:
    """The size, seed and format of one sample.

    Raises
    ------
    ValueError
        Where a number is below what the planted structure needs, or the
        format is unknown.

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

    def __post_init__(self) -> None:
        for name, smallest in SMALLEST.items():
            if getattr(self, name) < smallest:
                found = getattr(self, name)
                raise ValueError(f"got {name}={found}, expected at least {smallest}")
        if self.format not in FORMATS:
            wanted = " or ".join(FORMATS)
            raise ValueError(f"got format={self.format!r}, expected {wanted}")
