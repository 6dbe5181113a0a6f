"""Whether stores that begin to sell like others are found before the next reset."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd

from benchmarks.agreement import KEY
from benchmarks.cases import CASES, USUAL
from benchmarks.report import Section
from clustering.sample import write_sample
from clustering.sample.write import TRUTH

CLUSTERING = Path(sys.executable).parent / "clustering"
# The samples, the weeks of the fit, and those after it at whose end a run is made.
SAMPLES = ("clear", "lifelike")
FIT_WEEKS, WEEKS = 26, (2, 4, 6)
# Of the stores of each category, those that switch in the first week after the fit.
SHARE = 0.1
# What is more is a bad row of the sample.
MOST_SALES = 1e6
WEEKS_PER_MONTH = 365.25 / 12 / 7
FEW = ("--param", "bootstrap_resamples=5")
MEANING = {
    "sample": "what the sample is like",
    "stores": "number of stores",
    "switches": "stores that sell in a category, from the first week after the fit on,"
    f" what a store of another segment sells: {SHARE:.0%} of those of each category",
    "found": f"share of them that `store_fit` calls a misfit within {WEEKS[-1]} weeks",
    "in time": "share of the found ones of which misfit_since is the week of the switch"
    " or the next one",
    "false alarms": "stores and categories without a switch that were called a misfit"
    f" in any of the runs, after {', '.join(map(str, WEEKS))} weeks, per 100 stores"
    " and month",
}


def measure_switches(name: str, *, folder: Path) -> dict[str, object]:
    """Fit half a year, then run weekly without refitting; return a row of the table."""
    raw, truth = folder / "raw", folder / "truth"
    options = USUAL | {"weeks": FIT_WEEKS + WEEKS[-1]} | CASES[name]
    write_sample(
        raw, truth=truth, format="parquet", progress=lambda message: None, **options
    )
    segments = pd.read_parquet(truth / TRUTH).rename(
        columns={"STORE_NBR": "store_id", "CATEGORY": "category"}
    )
    sales = pd.read_parquet(raw / "internal_sales.parquet")
    weeks = np.sort(sales["PERIOD_START"].unique())
    switched = plant_switches(sales, segments, first_week=weeks[FIT_WEEKS], seed=1)
    _run(raw, sales[sales["PERIOD_START"] < weeks[FIT_WEEKS]], folder=folder)
    judged = []
    for count in WEEKS:
        until = weeks[FIT_WEEKS + count - 1]
        known = switched.sales[switched.sales["PERIOD_START"] <= until]
        _run(raw, known, "--param", "refit_when=never", folder=folder)
        judged.append(_read_fit(folder / "data"))
    return {
        "sample": name,
        "stores": options["stores"],
        **switch_figures(
            judged,
            switched.keys,
            stores=options["stores"],
            next_week=pd.Timestamp(weeks[FIT_WEEKS + 1]),
        ),
    }


class Switched(NamedTuple):
    """Sales in which stores of some categories switch, and which these are."""

    sales: pd.DataFrame
    keys: set[tuple[str, str]]


def plant_switches(
    sales: pd.DataFrame, segments: pd.DataFrame, *, first_week: object, seed: int
) -> Switched:
    """Let stores sell, from a week on, what one of another segment sells.

    Parameters
    ----------
    sales : DataFrame
        The raw table internal_sales.
    segments : DataFrame
        The truth: store_id, category, internal_segment.
    first_week : date
        Of the switch.
    seed : int
        Of the draw.

    Returns
    -------
    Switched
        Sales, in which a store that switched has the rows of the other one, with the
        same total as before; and its keys, as category and store_id.
    """
    rng = np.random.default_rng(seed)
    is_after = sales["PERIOD_START"] >= first_week
    after = sales[is_after & sales["TOTAL_SALES"].between(0, MOST_SALES)]
    rows = dict(tuple(after.groupby(["CAT_DSC", "STORE_NBR"], sort=False)))
    there = segments[
        [key in rows for key in segments[KEY].itertuples(index=False, name=None)]
    ]
    parts, keys = [sales[~is_after]], set()
    for category, stores in there.groupby("category"):
        segment_of = stores.set_index("store_id")["internal_segment"]
        drawn = set(rng.choice(segment_of.index, round(SHARE * len(stores)), False))
        others = segment_of[~segment_of.index.isin(drawn)]
        for store in sorted(drawn):
            other = rng.choice(others.index[others != segment_of[store]])
            own, like = rows[category, store], rows[category, other]
            factor = own["TOTAL_SALES"].sum() / like["TOTAL_SALES"].sum()
            rows[category, store] = like.assign(
                STORE_NBR=store, TOTAL_SALES=(like["TOTAL_SALES"] * factor).round(2)
            )
            keys.add((category, store))
    return Switched(pd.concat([*parts, *rows.values()], ignore_index=True), keys)


def switch_figures(
    judged: list[pd.DataFrame],
    switched: set[tuple[str, str]],
    *,
    stores: int,
    next_week: pd.Timestamp,
) -> dict[str, object]:
    """Compare what the mart says after some weeks with the switches.

    Parameters
    ----------
    judged : list of DataFrame
        Of each run: category, store_id, fit_code, misfit_since.
    switched : set of tuple
        Category and store_id of the switches.
    stores : int
        Number of stores of the sample.
    next_week : Timestamp
        The week after that of the switches.
    """
    misfits = [run[run["fit_code"] == "misfit"].set_index(KEY) for run in judged]
    last = pd.concat(misfits).groupby(level=KEY)["misfit_since"].last()
    found, false = set(last.index) & switched, set(last.index) - switched
    since = pd.to_datetime(last.loc[sorted(found)])
    months = WEEKS[-1] / WEEKS_PER_MONTH
    return {
        "switches": len(switched),
        "found": len(found) / len(switched),
        "in time": float((since <= next_week).mean()),
        "false alarms": len(false) / (stores / 100) / months,
    }


def switch_section(rows: list[dict[str, object]]) -> Section:
    """Put the rows of all samples into one table."""
    return Section(
        title="Stores that switch between two resets",
        table=pd.DataFrame(rows),
        meaning=MEANING,
    )


def _run(raw: Path, sales: pd.DataFrame, *options: str, folder: Path) -> None:
    """Run the pipeline on the sales of some weeks, and publish.

    Raises
    ------
    SystemExit
        If it fails, with what it says.
    """
    sales.to_parquet(raw / "internal_sales.parquet", index=False)
    finished = subprocess.run(
        [CLUSTERING, "run", "--raw", raw, *FEW, *options],
        env=os.environ | {"DATA_DIR": str(folder / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise SystemExit(f"the run on {raw} failed\n{finished.stderr}")


def _read_fit(data: Path) -> pd.DataFrame:
    return duckdb.read_parquet(str(data / "published" / "store_fit.parquet")).df()
