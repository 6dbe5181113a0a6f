"""Changes of raw tables do what their names say, and leave the rest alone."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from benchmarks.cases import CASES, CHANGES, write_case
from benchmarks.changes import SMALL_BY, remove_stores
from benchmarks.finals import final_figures

SALES = "select STORE_NBR, sum(TOTAL_SALES) as sales from '{}' group by all"


def read(path: Path) -> pd.DataFrame:
    return duckdb.sql(f"from '{path}'").df()


def test_every_change_is_of_a_case() -> None:
    assert set(CHANGES) <= set(CASES)


def test_stores_of_one_kind_are_a_fiftieth_as_large(tmp_path: Path) -> None:
    raw = write_case("small stores of another kind", folder=tmp_path)
    sizes = duckdb.sql(
        "select internal_segment = 0 as is_small, median(sales) as sales"
        f" from (select STORE_NBR, SKU_NBR, sum(TOTAL_SALES) as sales"
        f"       from '{raw}/internal_sales.parquet'"
        "       where isfinite(TOTAL_SALES) and TOTAL_SALES > 0 group by all)"
        f" inner join (select distinct PRODUCT_ID as SKU_NBR, CATEGORY"
        f"       from '{raw}/need_state.parquet') using (SKU_NBR)"
        f" inner join '{tmp_path}/truth/truth.parquet' using (STORE_NBR, CATEGORY)"
        " group by all order by all"
    ).fetchall()
    (_, large), (_, small) = sizes
    assert large / small == pytest.approx(SMALL_BY, rel=0.4)


def test_noise_stands_in_place_of_all_that_surrounds_the_stores(tmp_path: Path) -> None:
    raw = write_case("more mixed noise", folder=tmp_path)
    attributes = read(raw / "store_attributes.parquet").drop(columns="STORE_NBR")
    assert attributes.select_dtypes(float).shape[1] == 6
    assert attributes["LEVEL"].nunique() == 3
    assert not (raw / "external_sales.parquet").exists()


@pytest.mark.parametrize("seed", [1, 2])
def test_removed_stores_are_in_no_table_and_the_others_in_all(
    tmp_path: Path, seed: int
) -> None:
    raw = write_case("60 stores", folder=tmp_path)
    left = remove_stores(raw, tmp_path / "left", share=0.05, seed=seed)
    before, after = (
        read(folder / "internal_sales.parquet").dropna(subset="STORE_NBR")
        for folder in (raw, left)
    )
    removed = set(before["STORE_NBR"]) - set(after["STORE_NBR"])
    assert len(removed) == round(0.05 * before["STORE_NBR"].nunique())
    assert len(after) == (~before["STORE_NBR"].isin(removed)).sum()
    for table in ("store_attributes", "external_sales"):
        stores = set(read(raw / f"{table}.parquet")["STORE_NBR"])
        kept = set(read(left / f"{table}.parquet")["STORE_NBR"])
        assert stores - kept == removed & stores
    assert read(left / "need_state.parquet").equals(read(raw / "need_state.parquet"))


def test_a_draw_is_of_its_seed(tmp_path: Path) -> None:
    raw = write_case("60 stores", folder=tmp_path)
    one, same, other = (
        set(
            read(
                remove_stores(raw, tmp_path / name, share=0.1, seed=seed)
                / "store_attributes.parquet"
            )["STORE_NBR"]
        )
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one == same != other


def test_firm_stores_are_those_of_clusters_with_a_high_jaccard() -> None:
    summary = pd.DataFrame(
        {
            "category": ["GIN"] * 3,
            "store_count": [50, 30, 20],
            "jaccard": [0.75, 0.749, None],
        }
    )
    figures = final_figures(summary).loc["GIN"].to_dict()
    assert figures == {"clusters": 3, "largest": 0.5, "firm": 0.5}
