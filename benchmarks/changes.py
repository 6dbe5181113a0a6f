"""Changes to raw tables, to measure their effect on clusters."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from clustering.sample.write import TRUTH

SMALL_BY = 50
STORE_TABLES = ("internal_sales", "external_sales", "store_attributes")
LEVELS = ("NORTH", "SOUTH", "WEST")

Change = Callable[[Path, Path], None]


def shrink_one_kind(raw: Path, truth: Path) -> None:
    """Let the stores of the first internal segment sell a fiftieth of what they did."""
    sales = raw / "internal_sales.parquet"
    _rewrite(
        sales,
        f"""
        with
        small as (
            select STORE_NBR, PRODUCT_ID as SKU_NBR
            from '{truth / TRUTH}'
            inner join (
                select distinct PRODUCT_ID, CATEGORY from '{raw}/need_state.parquet'
            ) using (CATEGORY)
            where internal_segment = 0
        )
        select sales.* replace (
            case
                when small.SKU_NBR is null then sales.TOTAL_SALES
                else round(sales.TOTAL_SALES / {SMALL_BY}, 4)
            end as TOTAL_SALES
        )
        from '{sales}' as sales
        left join (select distinct * from small) as small
            using (STORE_NBR, SKU_NBR)
        """,
    )


def surround_by_noise(*, numbers: int, levels: int, seed: int) -> Change:
    """Put columns of noise in place of all that surrounds the stores.

    ``numbers`` normal ones, and one of ``levels`` equally likely levels.
    """

    def change(raw: Path, truth: Path) -> None:
        rng = np.random.default_rng(seed)
        path = raw / "store_attributes.parquet"
        stores = duckdb.sql(
            f"select distinct STORE_NBR from '{path}' order by all"
        ).df()
        for number in range(numbers):
            stores[f"NUMBER_{number}"] = rng.standard_normal(len(stores))
        stores["LEVEL"] = rng.choice(LEVELS[:levels], len(stores))
        _write(stores, path)
        (raw / "external_sales.parquet").unlink()

    return change


def remove_stores(raw: Path, folder: Path, *, share: float, seed: int) -> Path:
    """Return a folder of the same tables without a random share of the stores.

    Parameters
    ----------
    raw : Path
        Folder of parquet tables; whatever else is there is linked to.
    folder : Path
        The folder to make.
    share, seed : float, int
        Share of all stores, above 0 and below 1, and the seed that picks them.
    """
    folder.mkdir(parents=True)
    sales = raw / "internal_sales.parquet"
    stores = duckdb.sql(
        f"select distinct STORE_NBR from '{sales}'"
        " where STORE_NBR is not null order by STORE_NBR"
    ).df()
    rng = np.random.default_rng(seed)
    removed = stores.sample(n=round(share * len(stores)), random_state=rng)
    for path in sorted(raw.iterdir()):
        if path.stem in STORE_TABLES and path.suffix == ".parquet":
            kept = "STORE_NBR is null or STORE_NBR not in (from removed)"
            query = f"from '{path}' where {kept}"
            _copy(query, folder / path.name, removed=removed)
        elif path.is_file():
            (folder / path.name).symlink_to(path.resolve())
    return folder


def _rewrite(path: Path, query: str) -> None:
    fresh = path.with_name(f"{path.name}.new")
    _copy(query, fresh)
    fresh.replace(path)


def _write(frame: pd.DataFrame, path: Path) -> None:
    _copy("from frame", path, frame=frame)


def _copy(query: str, path: Path, **frames: pd.DataFrame) -> None:
    with duckdb.connect() as connection:
        for name, frame in frames.items():
            connection.register(name, frame)
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")
