"""The seeds of rules: feature_labels, recommendation_rules and volume_bands."""

import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

from clustering.core.seeds.tables import Problem, Row, Seed

# A longer word leaves a cluster's name no room for a need state.
LONGEST_WORD = 25


def find_wrong_labels(labels: Seed) -> Iterator[Problem]:
    """Yield the problems of the dictionary, in the order of its lines."""
    first: dict[tuple[str, str], int] = {}
    for line, row in labels.rows.items():
        key = ((row["feature"] or "").upper(), (row["category"] or "").upper())
        before = first.setdefault(key, line)
        found = _find_wrong_label(row, line=line, before=before)
        if found:
            yield Problem(line, *found)


def _find_wrong_label(row: Row, *, line: int, before: int) -> tuple[str, str] | None:
    about = ", ".join(filter(None, (row["feature"], row["category"])))
    if row["feature"] is None:
        return "feature is missing", "name a column or need state of the input"
    if row["label"] is None:
        return (
            f"label of {about} is missing",
            "say what it is called, or remove the row",
        )
    if line != before:
        return f"{about} is in line {before}, too", "keep one of the two"
    better = row["lower_is_better"]
    if better not in (None, "true", "false"):
        return (
            f"lower_is_better '{better}' is unknown, expected one of: false, true",
            "leave it empty where neither is better",
        )
    for word in filter(None, (row["word_low"], row["word_high"])):
        if len(word) > LONGEST_WORD:
            return (
                f"word '{word}' has {len(word)} characters, expected at most"
                f" {LONGEST_WORD}",
                "names of clusters have 40 in all",
            )
    return None


KNOWN = {
    "area": {"assortment", "space", "pricing", "marketing", "trust"},
    "measure": {
        "need_state_index",
        "need_state_points",
        "external_difference",
        "sales_index",
        "sales_share",
        "store_share",
        "inferred_share",
        "outlier_share",
        "stability",
    },
    "comparison": {"at_least", "at_most", "above", "below"},
}
PLACEHOLDERS = {"{feature}", "{here}", "{average}", "{nearest}"}
PLACEHOLDER = re.compile(r"\{[^}]*\}?")


def check_rules(rules: Seed) -> None:
    """Reject a rule that could never apply.

    Raises
    ------
    InputError
        With the unknown value, and the known ones.
    """
    rows = rules.rows.values()
    for column, known in KNOWN.items():
        rules.check_known(column, {row[column] or "" for row in rows}, known)
    texts = (row["recommendation"] or "" for row in rows)
    found = {one for text in texts for one in PLACEHOLDER.findall(text)}
    rules.check_known("placeholder", found, PLACEHOLDERS)


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
    for problem in _find_wrong_band(bands):
        raise bands.refuse(problem)


def _find_wrong_band(bands: Seed) -> Iterator[Problem]:
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
