"""Format figures, moments and missing values as text."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

# A build that is older than this is called old: weekly ones may be a day late.
OLD_AFTER = timedelta(days=8)


def number(value: float | None, *, decimals: int = 0) -> str:
    """Return a number with thousands separators; a dash where there is none.

    >>> number(1234567.8), number(-0.001, decimals=2), number(None)
    ('1,234,568', '0.00', '-')
    """
    if value is None or value != value:
        return "-"
    return f"{value:z,.{decimals}f}"


def short_number(value: float | None) -> str:
    """Return a number in at most four figures.

    >>> short_number(428_120_430), short_number(16568), short_number(2138)
    ('428.1 M', '16.6 k', '2,138')
    """
    if value is None or value != value:
        return number(None)
    for size, unit in ((1e9, "bn"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if unit == 'k' else size):,.1f} {unit}"
    return number(value)


def percent(share: float | None, *, decimals: int = 0) -> str:
    """Return a share of 0 to 1 in per cent.

    >>> percent(0.3139), percent(0.0071, decimals=1), percent(float("nan"))
    ('31 %', '0.7 %', '-')
    """
    if share is None or share != share:
        return number(None)
    return f"{share * 100:z.{decimals}f} %"


def money(amount: str, currency: str) -> str:
    """Return an amount in a currency; without one, the amount alone.

    >>> money("428.1 M", "$"), money("2,138", "EUR"), money("2,138", "")
    ('$428.1 M', 'EUR 2,138', '2,138')
    """
    return f"{currency} {amount}" if currency.isalpha() else f"{currency}{amount}"


def moment(at: datetime | None) -> str:
    """Return a moment in UTC; a dash where there is none.

    >>> moment(datetime(2026, 11, 21, 12, 15, tzinfo=UTC)), moment(None)
    ('21 Nov 2026, 12:15 UTC', '-')
    """
    if at is None:
        return number(None)
    return f"{at.astimezone(UTC):%d %b %Y, %H:%M} UTC"


def final_clusters(number: int, reason: str, worth: str | None) -> str:
    """Return how many final clusters there are, why, and what they are worth.

    >>> final_clusters(4, "fixed by a person", "4 clusters cover 74 %")
    '4 final clusters: fixed by a person. 4 clusters cover 74 %.'
    >>> final_clusters(1, "the stores do not differ enough for two", None)
    '1 final cluster: the stores do not differ enough for two.'
    """
    said = f"{count(number, 'final cluster')}: {reason}."
    has_worth = isinstance(worth, str)  # else None, or NaN of a frame
    return f"{said} {worth[:1].upper()}{worth[1:]}." if has_worth else said


def count(amount: int, thing: str, things: str = "") -> str:
    """Return an amount of things; ``things`` is more than one, if not by an s.

    >>> count(1, "store"), count(2138, "store"), count(3, "category", "categories")
    ('1 store', '2,138 stores', '3 categories')
    """
    return f"{amount:,} {thing if amount == 1 else things or f'{thing}s'}"


def quarantined(rows: pd.DataFrame) -> list[str]:
    """Say of each table how many rows are quarantined, and why.

    Parameters
    ----------
    rows : DataFrame
        source_table, reason, row_count.

    Examples
    --------
    >>> rows = {"source_table": "internal_sales", "reason": ["unknown_sku", "no_store"]}
    >>> quarantined(pd.DataFrame(rows | {"row_count": [1, 1200]}))
    ['internal_sales: 1,201 rows quarantined: no_store 1,200, unknown_sku 1']
    """
    lines = []
    for table, reasons in rows.groupby("source_table"):
        counts = reasons.set_index("reason")["row_count"].sort_values(ascending=False)
        told = ", ".join(f"{reason} {number:,}" for reason, number in counts.items())
        lines.append(f"{table}: {count(counts.sum(), 'row')} quarantined: {told}")
    return lines


def age(since: timedelta) -> str:
    """Return how long ago something was, in its largest unit.

    >>> age(timedelta(minutes=12)), age(timedelta(hours=30)), age(timedelta(days=9))
    ('12 minutes ago', '30 hours ago', '9 days ago')
    """
    minutes = int(since.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{count(minutes, 'minute')} ago"
    if minutes < 48 * 60:
        return f"{count(minutes // 60, 'hour')} ago"
    return f"{count(minutes // (24 * 60), 'day')} ago"


def staleness(built_at: datetime, *, now: datetime) -> str:
    """Say that a build is old; nothing where it is not."""
    since = now - built_at
    if since <= OLD_AFTER:
        return ""
    return (
        f"These clusters were built {age(since)}. What was sold since is not in them:"
        " build again, or find out why the schedule did not."
    )


def nothing_published(published: Path) -> str:
    """Say what to do where no run was published."""
    return (
        f"Nothing is published yet in `{published}`. `make demo` builds clusters from"
        " sample input; `clustering run --raw FOLDER` from your own. This page shows"
        " them as soon as it is loaded again."
    )


def run_gone(name: str) -> str:
    """Say that a run was removed."""
    return f"The run {name} is no longer kept. Choose another one on the left."


def lacks(built_at: datetime, tables: list[str]) -> str:
    """Say which tables the run that was built then does not have."""
    names = ", ".join(f"`{table}`" for table in sorted(tables))
    return (
        f"The run of {moment(built_at)} has no {names}: it was published by an"
        " earlier version, which did not write that. Choose a newer run on the left, or"
        " build again."
    )


def in_words(features: pd.DataFrame) -> pd.DataFrame:
    """Return features with the words that the run has for them; else, their own names.

    A run that was published by an earlier version has no words: label, figure and
    comparison are then made of feature, index_value and the two means.

    >>> old = pd.DataFrame(
    ...     [("DRY", 120.4, 0.6, 0.5)],
    ...     columns=["feature", "index_value", "cluster_mean", "category_mean"],
    ... )
    >>> in_words(old)[["label", "figure", "comparison"]].to_dict("records")
    [{'label': 'DRY', 'figure': '120', 'comparison': 'DRY: 0.60, average 0.50'}]
    """
    if "label" in features:
        return features
    means = features[["feature", "cluster_mean", "category_mean"]]
    return features.assign(
        label=features["feature"],
        figure=[number(index) for index in features["index_value"]],
        comparison=[
            f"{name}: {number(mean, decimals=2)}, average {number(average, decimals=2)}"
            for name, mean, average in means.itertuples(index=False)
        ],
        is_better=None,
    )


# Of addresses and names of icons, which count even where all else is escaped.
ADDRESS = re.compile(r"https?:(?=//)|www(?=\.)|@(?=\w)|:(?=material/)", re.IGNORECASE)


def plain(text: str) -> str:
    r"""Return text in which Markdown finds nothing to format, no address and no icon.

    These are interrupted by a character without a width.

    >>> print(plain("MIXTO_TEQUILA * 1$"))
    MIXTO\_TEQUILA \* 1\$
    """
    interrupted = ADDRESS.sub("\\g<0>\N{WORD JOINER}", text)
    return re.sub(r"([\\`*_{}\[\]#+!|$~<>:])", r"\\\1", interrupted)
