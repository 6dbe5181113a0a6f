"""Names of clusters: true, short, unique, whatever the input is called."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ml.naming import (
    LONGEST,
    NAMES,
    NOTHING,
    ONE_CLUSTER,
    Traits,
    apply_names,
    choose_names,
    name_clusters,
)
from ml.wording import describe_features, read_need_state
from tests.ml.labels import labels

TEXTS = st.text(alphabet="AB ÉZ_&-%19", min_size=1, max_size=70).filter(str.strip)
PHRASES = st.lists(TEXTS, max_size=6, unique=True)


@given(st.lists(st.tuples(PHRASES, PHRASES), min_size=2, max_size=12))
def test_names_are_short_and_unique_whatever_can_be_said(said):
    traits = [
        Traits(cluster_id=number, sellers=sellers, surroundings=around)
        for number, (sellers, around) in enumerate(said, start=1)
    ]
    sold = sorted({one for sellers, _ in said for one in sellers})
    names = choose_names(traits, sold=sold)
    assert list(names) == [one.cluster_id for one in traits]
    assert len(set(names.values())) == len(traits)
    assert all(0 < len(name) <= LONGEST for name in names.values())


@given(st.permutations(range(1, 7)))
def test_names_do_not_depend_on_the_order_of_clusters(order):
    traits = {
        number: Traits(
            cluster_id=number,
            sellers=["dry gin", "sloe"][: 1 + number % 2],
            surroundings=["town", "affluent", "busy"][: number % 3 + 1],
        )
        for number in order
    }
    ordered = choose_names([traits[one] for one in sorted(order)], sold=["dry gin"])
    assert choose_names([traits[one] for one in order], sold=["dry gin"]) == ordered


def test_clusters_that_clash_get_a_second_thing_and_a_number_last():
    same = {"sellers": ["dry gin"], "surroundings": ["town"]}
    traits = [
        Traits(cluster_id=1, **same),
        Traits(cluster_id=2, **same),
        Traits(cluster_id=3, sellers=["dry gin"], surroundings=["town", "affluent"]),
        Traits(cluster_id=4, sellers=["dry gin", "sloe"], surroundings=["town"]),
        Traits(cluster_id=5, sellers=[], surroundings=[]),
    ]
    assert choose_names(traits, sold=["dry gin", "sloe"]) == {
        1: "dry gin, town (1)",
        2: "dry gin, town (2)",
        3: "dry gin, town, affluent",
        4: "dry gin, town, sloe",
        5: NOTHING,
    }


def test_the_only_cluster_of_a_category_is_all_stores():
    only = Traits(cluster_id=1, sellers=["dry gin"], surroundings=["town"])
    assert choose_names([only], sold=["dry gin"]) == {1: ONE_CLUSTER}


SHARES = st.lists(st.integers(0, 50), min_size=4, max_size=4).filter(any)


@given(st.lists(SHARES, min_size=2, max_size=6))
def test_a_name_begins_with_what_sells_most_of_what_sells_above_average(sales):
    rows = profile([[one / sum(cluster) for one in cluster] for cluster in sales])
    names = name_profile(rows)
    for cluster_id, name in names.items():
        own = rows[rows["cluster_id"] == cluster_id]
        above = own[own["index_value"] > 102].sort_values(
            ["cluster_mean", "index_value", "feature"], ascending=[False, False, True]
        )
        if len(above):
            assert name.startswith(read_need_state(above["feature"].iloc[0]))
        else:
            assert name.startswith(NOTHING)


def test_of_features_that_say_the_same_the_second_is_not_said():
    rows = profile([[0.7, 0.3, 0, 0], [0.3, 0.7, 0, 0]], outlets=[2.0, -2.0])
    twin = rows[rows["block"] == "external"].assign(
        feature="N_SHOPS_5KM",
        column_name="N_SHOPS_5KM",
        representative="N_OUTLETS_3KM",
        distinctiveness_rank=2,
    )
    clash = rows[rows["cluster_id"] == 1].assign(cluster_id=3)
    names = name_profile(pd.concat([rows, twin, clash]))
    assert names[1] == "dry gin, many outlets within 3 km (1)"


def profile(
    shares: list[list[float]], outlets: list[float] | None = None
) -> pd.DataFrame:
    """Return the profiles of clusters that sell four need states."""
    features = ["DRY GIN", "OLD_TOM", "SLOE", "Pink Gin"]
    average = [sum(one) / len(shares) for one in zip(*shares, strict=True)]
    rows = [
        (number, "internal", feature, share, 100 * share / mean, share - mean, 1)
        for number, cluster in enumerate(shares, start=1)
        for feature, share, mean in zip(features, cluster, average, strict=True)
        if mean
    ]
    rows += [
        (number, "external", "N_OUTLETS_3KM", 1.0, 100.0, difference, 1)
        for number, difference in enumerate(outlets or [], start=1)
    ]
    names = (
        "cluster_id block feature cluster_mean index_value standard_difference"
        " distinctiveness_rank"
    )
    frame = pd.DataFrame(rows, columns=names.split()).assign(category="GIN")
    # clearly apart, whatever the stores are like
    frame["standard_difference"] *= 10
    own = frame["feature"]
    return frame.assign(representative=own, column_name=own, level=None)


def name_profile(rows: pd.DataFrame) -> dict[int, str]:
    columns = ["category", "cluster_id", "block", "feature"]
    named = name_clusters(
        rows[["category", "cluster_id"]].drop_duplicates(),
        rows.drop(columns="representative"),
        rows[[*columns, "representative"]],
        describe_features(rows, labels()),
    )
    return named.set_index("cluster_id")["method_name"].to_dict()


def test_a_name_that_a_person_gave_wins_and_no_other_cluster_has_it() -> None:
    names = pd.DataFrame(
        [("GIN", 1, "dry"), ("GIN", 2, "sloe"), ("RUM", 1, "all stores")],
        columns=["category", "cluster_id", "method_name"],
    )
    given = pd.DataFrame(
        [("GIN", 2, "dry"), ("GIN", 9, "gone")],
        columns=["category", "cluster_id", "value"],
    )
    named = apply_names(names, given)
    assert named["cluster_name"].to_list() == ["dry (1)", "dry", "all stores"]
    assert named["method_name"].to_list() == names["method_name"].to_list()
    assert named["name_source"].to_list() == ["method", "person", "method"]


def test_names_of_the_method_stay_where_nobody_gave_one() -> None:
    names = pd.DataFrame([("GIN", 1, "dry")], columns=list(NAMES))
    nothing = pd.DataFrame(columns=["category", "cluster_id", "value"])
    named = apply_names(names, nothing)
    assert named["cluster_name"].to_list() == ["dry"]
    assert apply_names(names.head(0), nothing).empty
