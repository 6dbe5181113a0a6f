"""Planted switches, and what the mart says of them."""

import numpy as np
import pandas as pd

from benchmarks.switches import SHARE, plant_switches, switch_figures

STORES = [f"{number:02}" for number in range(20)]
WEEKS = pd.date_range("2026-01-05", periods=2, freq="7D")


def test_stores_switch_to_what_another_segment_sells() -> None:
    sales = pd.DataFrame(
        [
            (store, f"SKU {number % 2}", "GIN", week, 10.0 + number)
            for number, store in enumerate(STORES)
            for week in WEEKS
        ],
        columns=["STORE_NBR", "SKU_NBR", "CAT_DSC", "PERIOD_START", "TOTAL_SALES"],
    )
    segments = pd.DataFrame({"store_id": STORES, "category": "GIN"})
    segments["internal_segment"] = np.arange(20) % 2
    planted = plant_switches(sales, segments, first_week=WEEKS[1], seed=1)
    assert len(planted.keys) == round(SHARE * 20)
    before = sales.set_index(["STORE_NBR", "PERIOD_START"])
    after = planted.sales.set_index(["STORE_NBR", "PERIOD_START"]).loc[before.index]
    differ = before.index[(before["SKU_NBR"] != after["SKU_NBR"]).to_numpy()]
    assert {("GIN", store) for store, _ in differ} == planted.keys
    assert set(differ.get_level_values(1)) == {WEEKS[1]}
    assert after["TOTAL_SALES"].equals(before["TOTAL_SALES"])


def test_false_alarms_of_any_run_count() -> None:
    def run(misfits: list[str]) -> pd.DataFrame:
        rows = pd.DataFrame({"category": "GIN", "store_id": STORES})
        is_misfit = rows["store_id"].isin(misfits)
        return rows.assign(
            fit_code=np.where(is_misfit, "misfit", "fits"),
            misfit_since=np.where(is_misfit, "2026-01-12", None),
        )

    switched = {("GIN", "01"), ("GIN", "02")}
    figures = switch_figures(
        [run(["07"]), run(["01"])], switched, stores=20, next_week=WEEKS[1]
    )
    assert figures["switches"] == 2
    assert figures["found"] == 0.5
    assert figures["in time"] == 1.0
    assert round(figures["false alarms"], 2) == 3.62
