"""Say where a store goes and why: names of clusters, reasons and doubts."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pandas as pd

from clustering.core.words import define_words, label

MOST_REASONS = 3
MOST_FEATURES = 3
REASONS = ["reason_1", "reason_2", "reason_3"]
# What stores are told with; lists of features are said in doubts.
TOLD = [
    "store_id",
    "category",
    "cluster_id",
    "cluster_name",
    "method",
    "probability",
    "distance",
    "next_best_cluster",
    "next_best_name",
    "next_best_distance",
    *REASONS,
    "doubts",
    "internal_cluster",
    "external_cluster",
    "merged_cluster",
]

DOUBTED = ["method", "missing", "out_of_range"]

# As in the mart store_reasons: what brings a store nearer to its cluster than to the
# average store, in squared standard deviations. Rows and features go by their numbers,
# and texts come last: most pairs of them say nothing.
REASONS_OF = """
    with

    valued as (

        select
            scores.place,
            features.number,
            coalesce(shares.share, 0) as store_value
        from scores
        inner join features using (category, cluster_id)
        left join shares
            on
                scores.store_id = shares.store_id
                and features.category = shares.category
                and features.feature = shares.feature
        where features.block = 'internal' and scores.sells
        union all
        select
            scores.place,
            features.number,
            case
                when features.level is null then external_values.value
                else cast(external_values.level = features.level as integer)
            end as store_value
        from scores
        inner join features using (category, cluster_id)
        inner join external_values
            on
                scores.store_id = external_values.store_id
                and features.column_name = external_values.feature
        where
            features.block = 'external'
            and coalesce(external_values.category, scores.category) = scores.category

    ),

    compared as (

        select
            valued.place,
            valued.number,
            valued.store_value,
            features.column_number,
            features.level is not null and valued.store_value < 0.5 as is_absent,
            words.pull(
                valued.store_value,
                features.category_mean,
                features.category_deviation,
                features.standard_difference
            ) as pull
        from valued
        inner join features using (number)
        where
            pull > 0
            and (
                features.block = 'external'
                or round(valued.store_value, 3) <> round(features.category_mean, 3)
            )

    ),

    said_once as (

        select * from compared
        qualify row_number() over (
            partition by place, column_number order by is_absent, pull desc, number
        ) = 1

    ),

    strongest as (

        select * from said_once
        qualify row_number() over (
            partition by place order by pull desc, number
        ) <= 6

    ),

    worded as (

        select
            strongest.place,
            strongest.pull,
            strongest.number,
            words.store_reason(
                features.kind,
                noun := features.noun,
                store := words.value_in(strongest.store_value, features.unit),
                average := words.value_in(features.category_mean, features.unit),
                phrase := case
                    when strongest.is_absent then features.phrase_low
                    else features.phrase_high
                end,
                cluster_share := abs(
                    features.cluster_mean - cast(strongest.is_absent as integer)
                ),
                category_share := abs(
                    features.category_mean - cast(strongest.is_absent as integer)
                )
            ) as reason
        from strongest
        inner join features using (number)

    )

    select place, list(reason order by pull desc, number) as reasons
    from worded
    where words.figures_differ(reason)
    group by place
"""


class Words:
    """Says where stores go, and why, in the words of a run.

    Parameters
    ----------
    models : mapping
        Of the run: clusters and features are read.
    """

    def __init__(self, models: Mapping[str, pd.DataFrame]) -> None:
        clusters = models["clusters"].drop_duplicates(["category", "cluster_id"])
        named = clusters.set_index(["category", "cluster_id"])["cluster_name"]
        self._names = named.to_dict()
        # in the order in which equally strong ones are said
        features = models["features"].sort_values(
            ["block", "feature"], ascending=[False, True], ignore_index=True
        )
        columns = pd.factorize(features["block"] + " " + features["column_name"])[0]
        self._features = features.assign(
            number=range(len(features)), column_number=columns
        )
        self._connection = duckdb.connect(config={"threads": 1})
        define_words(self._connection)

    def add(
        self, scores: pd.DataFrame, sales: pd.DataFrame, external: pd.DataFrame
    ) -> pd.DataFrame:
        """Return the scores with names, up to three reasons, and doubts in words.

        Parameters
        ----------
        scores : DataFrame
            As of `ml.scoring.score_stores`.
        sales, external : DataFrame
            What it was called with.
        """
        found = {
            "cluster_name": self._named(scores, "cluster_id"),
            "next_best_name": self._named(scores, "next_best_cluster"),
            "doubts": [_doubts(row) for row in scores[DOUBTED].to_dict("records")],
        }
        return scores.join(self._reasons(scores, sales, external)).assign(**found)[TOLD]

    def _named(self, scores: pd.DataFrame, column: str) -> list[str | None]:
        keys = scores[["category", column]].itertuples(index=False, name=None)
        return [self._names.get(key) for key in keys]

    def _reasons(
        self, scores: pd.DataFrame, sales: pd.DataFrame, external: pd.DataFrame
    ) -> pd.DataFrame:
        """Return a column for each of three reasons, in the order of the scores."""
        keys = ["store_id", "category"]
        totals = sales.groupby(keys)["value"].transform("sum")
        sold = pd.MultiIndex.from_frame(sales[keys])
        tables = {
            "scores": scores[[*keys, "cluster_id"]].assign(
                place=range(len(scores)),
                sells=pd.MultiIndex.from_frame(scores[keys]).isin(sold),
            ),
            "shares": sales.assign(share=sales["value"] / totals),
            "external_values": external,
            "features": self._features,
        }
        with self._connection.cursor() as connection:
            for name, table in tables.items():
                connection.register(name, table)
            found = connection.sql(REASONS_OF).df().set_index("place")["reasons"]
        told = ([*found.get(place, [])] for place in range(len(scores)))
        padded = [(*one, *[None] * MOST_REASONS)[:MOST_REASONS] for one in told]
        return pd.DataFrame(padded, columns=REASONS, index=scores.index, dtype="str")


def _doubts(row: Mapping[str, Any]) -> str:
    """Return what makes a cluster doubtful, in words; an empty text where nothing."""
    said = []
    for code in ("missing", "out_of_range"):
        if features := row[code]:
            said.append(label("store_doubt", code).format(features=_few(features)))
    if row["method"] == "inferred":
        said.insert(0, label("store_doubt", "inferred"))
    return "; ".join(said)


def _few(features: Sequence[str]) -> str:
    """Return the first features, and how many there are beside them."""
    more = len(features) - MOST_FEATURES
    shown = ", ".join(features[:MOST_FEATURES])
    return f"{shown} and {more} more" if more > 0 else shown
