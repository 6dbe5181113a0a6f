"""Quality gates: what sets a run apart from the one that is live, for the worse.

Each gate compares one figure with its limit in configs/. A gate that is
crossed warns, or blocks the version until a person approves it.
"""

from collections.abc import Callable, Iterator
from datetime import date

from clustering.core.environments import Action, Gates
from clustering.store.runs import Reader

VOLUME = """
    select source_table, rows_used from input_reconciliation where rows_used > 0
"""

# Stores with a value of each feature, and how many of them it has a number for.
FILLED = """
    select
        feature,
        coalesce(category, '') as category,
        count(distinct store_id) as stores,
        min(value) as lowest,
        max(value) as highest
    from store_external_features
    group by feature, category
"""

STORES = "select count(distinct store_id) as stores from store_clusters"

OUTSIDE = """
    select count(*) filter (value < ? or value > ?) / count(value) as share
    from store_external_features
    where feature = ? and coalesce(category, '') = ?
"""

COVERAGE = """
    select
        source_table, source_column, other_table,
        coalesce(common_sales_share, 1 - missing_count / key_count) as share
    from input_coverage
    where key_count > 0
    order by share, source_table, source_column, other_table
    limit 1
"""

FIRM = """
    select sum(firm_store_share * store_count) / sum(store_count) as share
    from cluster_quality
"""

RETENTION = """
    select category, retention from category_drift
    where retention is not null
    order by retention, category
    limit 1
"""


def find_crossed(
    run: Reader, gates: Gates, *, before: Reader | None, today: date, action: Action
) -> list[str]:
    """Return what is beyond the limits of the gates with this action, a line each.

    Parameters
    ----------
    run : Reader
        The version to be judged.
    gates : Gates
        The gates of its environment.
    before : Reader or None
        The live version's run; without one, nothing is compared with it.
    today : date
        For the age of the newest sales.
    action : {"warn", "block"}
        Of which gates.
    """
    found = {
        "freshness": lambda: _old(run, gates.max_days_since_last_sale, today),
        "volume": lambda: _compared(_volume, run, before, gates.max_volume_change),
        "nulls": lambda: _compared(_nulls, run, before, gates.max_null_growth),
        "ranges": lambda: _compared(_ranges, run, before, gates.max_share_out_of_range),
        "coverage": lambda: _coverage(run, gates.min_coverage),
        "firm": lambda: _firm(run, gates.min_firm_store_share),
        "retention": lambda: _retention(run, gates.min_retention),
    }
    return [
        f"{name}: {line}"
        for name, look in found.items()
        if getattr(gates, name) == action
        for line in look()
    ]


def _compared(
    look: Callable[[Reader, Reader, float], Iterator[str]],
    run: Reader,
    before: Reader | None,
    limit: float,
) -> list[str]:
    """Return the first finding of a comparison with another run, and how many more."""
    if before is None or "store_external_features" not in run.tables & before.tables:
        return []
    first, *others = [*look(run, before, limit), None]
    more = len(others) - 1
    return [] if first is None else [first + f" (and {more} more)" * bool(more)]


def _old(run: Reader, most: int, today: date) -> Iterator[str]:
    rows = run.read("from run")
    newest = rows["newest_period"].iloc[0] if "newest_period" in rows else None
    if newest is None or newest != newest:  # sales without periods have no age
        return
    days = (today - newest.date()).days
    if days > most:
        yield (
            f"the newest sales are of the period from {newest:%Y-%m-%d}, {days} days"
            f" ago, wanted at most {most}"
        )


def _volume(run: Reader, before: Reader, most: float) -> Iterator[str]:
    now, then = (
        read.read(VOLUME).set_index("source_table")["rows_used"]
        for read in (run, before)
    )
    for table, rows in then.items():
        change = now.get(table, 0) / rows - 1
        if abs(change) > most:
            yield (
                f"{now.get(table, 0):,.0f} rows of {table} are used, {rows:,.0f} in the"
                f" live version ({change:+.0%}), wanted a change of at most {most:.0%}"
            )


def _nulls(run: Reader, before: Reader, most: float) -> Iterator[str]:
    now, then = (
        read.read(FILLED).set_index(["feature", "category"])["stores"]
        / read.read(STORES)["stores"].iloc[0]
        for read in (run, before)
    )
    lost = then.sub(now.reindex(then.index), fill_value=0).sort_values(ascending=False)
    for (feature, category), share in lost[lost > most].items():
        yield (
            f"{_named(feature, category)} is missing for {share:.0%} more of the stores"
            f" than in the live version, wanted at most {most:.0%}"
        )


def _ranges(run: Reader, before: Reader, most: float) -> Iterator[str]:
    then = before.read(FILLED).dropna(subset=["lowest"])
    for row in then.to_dict("records"):
        names = ("lowest", "highest", "feature", "category")
        limits = [row[name] for name in names]
        share = run.read(OUTSIDE, limits)["share"].iloc[0]
        if share > most:
            feature = _named(row["feature"], row["category"])
            lowest, highest = row["lowest"], row["highest"]
            yield (
                f"{feature} of {share:.0%} of the stores is outside {lowest:,g} to"
                f" {highest:,g}, the range in the live version, wanted at most"
                f" {most:.0%}"
            )


def _coverage(run: Reader, least: float) -> Iterator[str]:
    if "input_coverage" not in run.tables:
        return
    for row in run.read(COVERAGE).to_dict("records"):
        if row["share"] < least:
            column = f"{row['source_table']}.{row['source_column']}"
            yield (
                f"{row['share']:.1%} of {column} is in {row['other_table']}, wanted"
                f" {least:.1%}"
            )


def _firm(run: Reader, least: float) -> Iterator[str]:
    share = run.read(FIRM)["share"].iloc[0]
    if share < least:
        yield f"{share:.0%} of the stores are in firm clusters, wanted {least:.0%}"


def _retention(run: Reader, least: float) -> Iterator[str]:
    for row in run.read(RETENTION).to_dict("records"):
        if row["retention"] < least:
            yield (
                f"{row['retention']:.0%} of the stores of {row['category']} keep their"
                f" cluster, wanted {least:.0%}"
            )


def _named(feature: str, category: str) -> str:
    return f"{feature} of {category}" if category else feature
