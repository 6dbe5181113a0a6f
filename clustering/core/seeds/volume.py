"""The seed volume_bands: lower limits of the bands, in sales."""

import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

from clustering.core.seeds.tables import Problem, Row, Seed

EVERY_CATEGORY = "all categories"
# Of decimal(38, 4), before the point.
DIGITS = 34
CENTS = Decimal("0.0001")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def check_bands(bands: Seed, *, names: Sequence[str]) -> None:
    """Reject an invalid band.

    Parameters
    ----------
    bands : Seed
        The seed.
    names : sequence of str
        Names of the bands, the setting volume_bands.

    Raises
    ------
    InputError
        With the first unknown band, or the first invalid line.
    """
    rows = bands.rows.values()
    bands.check_known("band", {row["band"] or "" for row in rows}, set(names))
    for problem in _find_wrong(bands):
        raise bands.refuse(problem)


def _find_wrong(bands: Seed) -> Iterator[Problem]:
    band_lines: dict[tuple[str | None, str | None], int] = {}
    sales_lines: dict[tuple[str | None, Decimal], int] = {}
    lowest = _lowest(bands)
    for line, row in bands.rows.items():
        category, band, text = row["category"], row["band"], row["from_sales"]
        about, sales = category or EVERY_CATEGORY, _sales(row)
        if sales is None or sales < 0:
            yield Problem(
                line,
                f"got from_sales '{text or ''}' for {about}, {band}, expected a number"
                " from 0 up",
                "correct or remove that row",
            )
            continue
        same_band = band_lines.setdefault((category, band), line)
        same_sales = sales_lines.setdefault((category, sales), line)
        if same_band != line:
            what = f"{about}, {band} is in line {same_band}, too"
            yield Problem(line, what, "keep one of the two")
        elif same_sales != line:
            what = f"from_sales {text} of {about} is in line {same_sales}, too"
            yield Problem(line, what, "keep one of the two")
        elif lowest[category] > 0:
            found = f"{lowest[category]:.4f}"
            what = f"the lowest band of {about} is from {found}, expected 0"
            yield Problem(line, what, "every store that sells has a band")


def _lowest(bands: Seed) -> dict[str | None, Decimal]:
    lowest: dict[str | None, Decimal] = {}
    for row in bands.rows.values():
        sales = _sales(row)
        if sales is not None:
            category = row["category"]
            lowest[category] = min(sales, lowest.get(category, sales))
    return lowest


def _sales(row: Row) -> Decimal | None:
    """Return sales as decimal(38, 4), like the model; None if they do not fit."""
    text = (row["from_sales"] or "").strip(" ")
    if not NUMBER.fullmatch(text):
        return None
    sales = Decimal(text)
    if sales.adjusted() >= DIGITS:
        return None
    with localcontext(prec=DIGITS + 4):
        return sales.quantize(CENTS, rounding=ROUND_HALF_UP)
