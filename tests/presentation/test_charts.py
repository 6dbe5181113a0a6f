"""Charts: colours by cluster, every row drawn, and true proportions."""

import math
import re
import warnings
from datetime import UTC, datetime

import altair as alt
import pandas as pd
import pytest
import vl_convert

from clustering.presentation.charts import clusters, overview, stores
from clustering.presentation.style import colour


def svg(chart: alt.TopLevelMixin, *, width: int = 600) -> str:
    return vl_convert.vegalite_to_svg(chart.to_dict() | {"width": width})


def heat_map_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cluster_id": [1, 2] * 3,
            "cluster_name": ["dry", "sweet"] * 3,
            "block": ["internal"] * 4 + ["external"] * 2,
            "label": ["DRY", "DRY", "AREA", "AREA", "AREA", "AREA"],
            "place": [1, 1, 2, 2, 1, 1],
            "index_value": [150.0, 50.0, 101.0, 99.0, 310.0, None],
            "figure": ["150", "50", "101", "99", "310", "-2.4 km"],
            "standard_difference": [1.0, -1.0, 0.1, -0.1, 2.0, -2.0],
            "cluster_mean": [0.3, 0.1, 0.2, 0.2, 3.0, 0.0],
            "category_mean": [0.2, 0.2, 0.2, 0.2, 0.0, 0.0],
        }
    )


def points(**columns: list[float]) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    return pd.DataFrame(
        {
            "store_id": [str(one) for one in range(count)],
            "cluster_id": [1 + one % 2 for one in range(count)],
            "cluster": "dry",
            "assignment_method": "fitted",
            "silhouette": 0.5,
            "sales": 1.0,
        }
        | columns
    )


def placed(drawn: str) -> list[tuple[float, float]]:
    """Return where circles were drawn, in pixels."""
    groups = re.findall(r'<g class="mark-symbol[^>]*>(.*?)</g>', drawn, re.DOTALL)
    at = re.findall(r"translate\(([^)]*)\)", "".join(groups))
    return [tuple(map(float, one.split(","))) for one in at]


def test_heat_map_keeps_equal_names_of_two_blocks_apart():
    drawn = svg(clusters.heat_map(heat_map_frame(), chosen=2))
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", drawn)
    assert texts.count("AREA") == 2
    assert texts.count("DRY") == 1
    # where there is no index, the difference stands in its place
    assert {"150", "50", "101", "99", "310", "-2.4 km"} < set(texts)


def test_heat_map_has_the_colours_of_the_clusters():
    drawn = svg(clusters.heat_map(heat_map_frame()))
    assert colour(1) in drawn
    assert colour(2) in drawn


def test_heat_map_of_many_clusters_has_no_figures():
    frame = pd.concat(
        heat_map_frame().assign(cluster_id=one) for one in range(1, 40)
    ).drop_duplicates(["cluster_id", "block", "label"])
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", svg(clusters.heat_map(frame)))
    assert "150" not in texts
    assert "39" in texts


def test_bars_stand_in_the_order_of_the_frame():
    frame = heat_map_frame().query("block == 'internal' and cluster_id == 1")
    drawn = svg(clusters.against_average(frame.iloc[::-1]))
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", drawn)
    assert texts.index("AREA") < texts.index("DRY")


@pytest.mark.parametrize("width", [300, 900])
def test_map_has_the_same_scale_in_both_directions(width):
    # at 60 degrees north, two degrees of longitude are as long as one of latitude
    frame = points(longitude=[0.0, 2.0, 0.0, 0.0], latitude=[60.0, 60.0, 61.0, 59.0])
    origin, east, north, _ = placed(svg(stores.on_the_map(frame), width=width))
    assert east[0] - origin[0] == pytest.approx(origin[1] - north[1], rel=1e-3)
    assert east[1] == pytest.approx(origin[1])


def test_stores_that_sell_more_are_drawn_larger_and_below():
    frame = points(longitude=[0.0, 1.0, 2.0], latitude=[50.0, 50.0, 50.5])
    chart = stores.on_the_map(frame.assign(sales=[1.0, 9.0, 4.0])).to_dict()
    drawn = chart["layer"][1]
    data = chart["datasets"][drawn["data"]["name"]]
    assert [store["sales"] for store in data] == [9.0, 4.0, 1.0]
    assert drawn["encoding"]["size"]["scale"]["range"] == stores.SIZES_OF_FEW


def test_stores_of_a_region_are_drawn_smaller_than_those_of_a_city():
    many = [number / 100 for number in range(stores.FEW + 1)]
    frame = points(longitude=many, latitude=many)
    drawn = stores.on_the_map(frame).to_dict()["layer"][1]
    assert drawn["encoding"]["size"]["scale"]["range"] == stores.SIZES


def test_small_map_has_all_stores_of_its_cluster_and_one_other_in_each_place():
    corners = [0.0, 0.0, 0.001, 0.001, 9.0, 9.0]
    frame = points(longitude=corners, latitude=corners)  # clusters 1 and 2 in turn
    frame = frame.assign(sales=[1.0, 1.0, 7.0, 1.0, 1.0, 1.0])
    kept = stores.thin_others(frame, chosen=2)
    assert sorted(kept["store_id"]) == ["1", "2", "3", "4", "5"]


def test_small_map_of_the_only_cluster_has_all_stores():
    frame = points(longitude=[0.0, 1.0], latitude=[50.0, 51.0]).assign(cluster_id=2)
    assert len(stores.thin_others(frame, chosen=2)) == 2


def test_stores_have_no_texts_that_are_read_aloud_each():
    drawn = svg(stores.by_similarity(points(map_x=[0.0, 1.0], map_y=[0.0, 1.0])))
    assert len(placed(drawn)) == 2
    assert "Store: " not in drawn


def test_borders_are_one_path_of_each_kind():
    iowa = points(longitude=[-96.0, -91.0], latitude=[41.0, 43.0])
    drawn = svg(stores.on_the_map(iowa))
    paths = re.findall(r'<path aria-label="[^"]*kind: (\w+)[^"]*"', drawn)
    assert sorted(paths) == ["county", "state"]


def test_stores_without_coordinates_are_left_out_of_the_map_alone():
    frame = points(
        longitude=[0.0, math.nan, 1.0],
        latitude=[50.0, math.nan, 51.0],
        map_x=[0.0, 1.0, 2.0],
        map_y=[0.0, 1.0, 0.0],
    )
    assert len(placed(svg(stores.on_the_map(frame)))) == 2
    assert len(placed(svg(stores.by_similarity(frame)))) == 3


def test_one_store_is_drawn_within_the_picture():
    [(x, y)] = placed(svg(stores.on_the_map(points(longitude=[5.0], latitude=[50]))))
    assert 0 <= x <= 600
    assert 0 <= y <= stores.HEIGHT


def test_chosen_cluster_has_its_colour_and_the_others_none():
    frame = points(map_x=[0.0, 1.0, 2.0, 3.0], map_y=[0.0, 1.0, 0.0, 1.0])
    drawn = svg(stores.by_similarity(frame, chosen=2))
    assert colour(2).lower() in drawn.lower()
    assert colour(1).lower() not in drawn.lower()


def test_sizes_and_history_have_the_colours_of_the_clusters():
    frame = pd.DataFrame(
        {
            "category": ["GIN", "GIN", "RUM"],
            "cluster_id": [1, 2, 7],
            "cluster_name": ["dry", "sweet", "spiced"],
            "store_count": [30, 10, 40],
            "store_share": [0.75, 0.25, 1.0],
            "sales_share": [0.5, 0.5, 1.0],
            "built_at": datetime(2026, 11, 21, tzinfo=UTC),
        }
    )
    for chart in (overview.sizes(frame), stores.history(frame)):
        drawn = svg(chart)
        assert all(colour(one) in drawn for one in (1, 2, 7))
        assert colour(3) not in drawn


def test_no_chart_offers_to_send_its_data_away():
    frame = points(map_x=[0.0, 1.0], map_y=[0.0, 1.0])
    actions = stores.by_similarity(frame).to_dict()["usermeta"]["embedOptions"]
    assert actions["actions"]["editor"] is False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg(stores.by_similarity(frame))
