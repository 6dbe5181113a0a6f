"""Agreement of categories: a cell for each two, with its figure."""

import itertools
import re

import pandas as pd
import pytest
import vl_convert
from sklearn.metrics import adjusted_rand_score

from clustering.dashboard.views.overview import AGREEMENT
from clustering.presentation.charts.overview import MOST_WITH_FIGURES, agreement
from clustering.queries import overview
from tests.dashboard.runs import values

# As charts write it.
MINUS = "\N{MINUS SIGN}"


def pairs(*names: str, score: float = 0.5) -> pd.DataFrame:
    found = pd.DataFrame(
        itertools.combinations(names, 2), columns=["category", "other_category"]
    )
    return found.assign(common_stores=300, final_agreement=score)


def texts(frame: pd.DataFrame) -> list[str]:
    drawn = vl_convert.vegalite_to_svg(agreement(frame, "final_agreement").to_dict())
    return re.findall(r"<text[^>]*>([^<]+)</text>", drawn)


def test_each_two_categories_have_a_figure_in_either_order():
    frame = pairs("GIN", "RUM", "TEA")
    frame["final_agreement"] = [0.934, 0.2, -0.049]
    shown = texts(frame)
    for figure in ("0.93", "0.20", f"{MINUS}0.05"):
        assert shown.count(figure) == 2
    for name in ("GIN", "RUM", "TEA"):
        assert shown.count(name) == 2


def test_two_categories_without_common_stores_have_no_cell_but_their_names():
    frame = pairs("GIN", "RUM", "TEA")
    frame.loc[frame["other_category"] == "TEA", "final_agreement"] = None
    cells = values(agreement(frame, "final_agreement"))
    assert set(cells["category"]) == {"GIN", "RUM"}
    assert texts(frame).count("TEA") == 2


def test_many_categories_have_no_figures():
    names = [f"CATEGORY {n:02}" for n in range(MOST_WITH_FIGURES + 1)]
    assert "0.50" in texts(pairs(*names[:-1]))
    shown = texts(pairs(*names))
    assert "0.50" not in shown
    assert names[-1] in shown


def test_query_has_every_two_categories_of_the_run(small_run):
    shown = overview.agreement(small_run)
    categories = sorted(small_run.read("from cluster_quality")["category"])
    wanted = list(itertools.combinations(categories, 2))
    there = zip(shown["category"], shown["other_category"], strict=True)
    assert list(there) == wanted
    assert set(AGREEMENT) < set(shown)


def test_agreement_is_that_of_the_clusters_that_are_published(small_run):
    clusters = small_run.read("from store_clusters")
    parts = dict(list(clusters.groupby("category")))
    for row in overview.agreement(small_run).itertuples():
        both = parts[row.category].merge(parts[row.other_category], on="store_id")
        assert row.common_stores == len(both)
        score = adjusted_rand_score(both["cluster_id_x"], both["cluster_id_y"])
        assert row.final_agreement == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize(("measure", "name"), AGREEMENT.items())
def test_page_draws_the_clusters_that_are_chosen(visitor, run, measure, name):
    visitor.open()
    visitor.page.get_by_test_id("stRadio").get_by_text(name, exact=True).click()
    visitor.settle()
    there = run.read("from category_agreement").set_index(
        ["category", "other_category"]
    )[measure]
    cells = visitor.marks(chart=1)
    assert len(cells) == 2 * there.notna().sum()
    for cell in cells:
        pair = sorted([cell["category"], cell["other_category"]])
        assert float(cell["Agreement"].replace(MINUS, "-")) == pytest.approx(
            there[tuple(pair)], abs=0.0005
        )
    visitor.show("agreement")
