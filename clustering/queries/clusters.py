"""The clusters of one category: their size, and what sets them apart."""

import pandas as pd

from clustering.presentation.words import in_words
from clustering.store.runs import Reader

ALL = 1_000_000
# Columns of the mart that are shown; those in words are not in every run.
SHOWN = (
    "'^(block|feature|label|figure|comparison|is_better|index_value"
    "|standard_difference|cluster_mean|category_mean)$'"
)


def summary(run: Reader, category: str) -> pd.DataFrame:
    """Return one row per cluster of ``category``: its weight and quality."""
    return run.read(
        """
        select
            cluster_id,
            cluster_name,
            store_count,
            store_share,
            cast(sales as double) as sales,
            sales_share,
            cast(sales_per_store as double) as sales_per_store,
            silhouette,
            jaccard,
            stability_band,
            nearest_cluster,
            fitted_count,
            reassigned_count,
            inferred_count,
            outlier_count
        from cluster_summary
        where category = ?
        order by cluster_id
        """,
        [category],
    )


def heat_map(run: Reader, category: str, *, features: int = 10) -> pd.DataFrame:
    """Return the features that tell the clusters of ``category`` apart most.

    Returns
    -------
    DataFrame
        One row per cluster, block and feature, and up to ``features`` of each block:
        cluster_id, cluster_name, block, feature, place (1 is the most distinctive one
        of its block), index_value (100 is the average of the category, null where there
        is none), standard_difference, cluster_mean, category_mean, and in words: label,
        figure, comparison and is_better.
    """
    shown = run.read(
        f"""
        with

        profiles as (

            select * from cluster_profiles
            where category = ?

        ),

        ranked as (

            select
                block,
                feature,
                row_number() over (
                    partition by block
                    order by max(abs(standard_difference)) desc, feature
                ) as place
            from profiles
            group by block, feature

        )

        select
            cluster_id,
            cluster_name,
            place,
            columns({SHOWN})
        from profiles
        inner join ranked using (block, feature)
        where place <= ?
        order by block desc, place, cluster_id
        """,
        [category, features],
    )
    return in_words(shown)


def profile(
    run: Reader, category: str, cluster_id: int, *, features: int = 12
) -> pd.DataFrame:
    """Return what sets one cluster apart, the most distinctive feature first.

    Returns
    -------
    DataFrame
        One row per feature: the columns of `heat_map`, without the cluster's.
    """
    shown = run.read(
        f"""
        select
            columns({SHOWN}),
            row_number() over (
                order by abs(standard_difference) desc, block desc, feature
            ) as place
        from cluster_profiles
        where category = ? and cluster_id = ? and standard_difference != 0
        order by place
        limit ?
        """,
        [category, cluster_id, features],
    )
    return in_words(shown)


def difference(
    run: Reader, category: str, one: int, other: int, *, features: int = 10
) -> pd.DataFrame:
    """Return what two clusters differ in most.

    Returns
    -------
    DataFrame
        One row per feature, the one with the largest difference first: label, block,
        figure and other_figure (the index against the category, in words), and
        standard_difference and other_standard_difference, of the clusters from the
        average store in spreads of the category.
    """
    found = in_words(
        run.read(
            f"""
            select cluster_id, columns({SHOWN})
            from cluster_profiles
            where category = ? and cluster_id in (?, ?)
            """,
            [category, one, other],
        )
    )
    figures = ["label", "figure", "standard_difference"]
    sides = [
        found[found["cluster_id"] == cluster].set_index(["block", "feature"])[figures]
        for cluster in (one, other)
    ]
    both = sides[0].join(sides[1].drop(columns="label").add_prefix("other_"))
    gap = (both["standard_difference"] - both["other_standard_difference"]).abs()
    order = gap.sort_values(ascending=False, kind="stable").index[:features]
    return both.loc[order].reset_index()


def reasons(
    run: Reader, category: str, cluster_id: int, *, limit: int = 5
) -> pd.DataFrame:
    """Return what most often makes a store a part of the cluster.

    Returns
    -------
    DataFrame
        One row per block and feature: block, feature, label, stores, and store_share,
        the share of the cluster's stores that have it among their three reasons.
    """
    words = profile(run, category, cluster_id, features=ALL)
    counted = run.read(
        """
        with

        reasons as (

            select * from store_reasons
            where category = ? and cluster_id = ?

        )

        select
            block,
            feature,
            count(*) as stores,
            count(*) / (
                select store_count from cluster_summary
                where category = ? and cluster_id = ?
            ) as store_share
        from reasons
        group by block, feature
        order by stores desc, block desc, feature
        limit ?
        """,
        [category, cluster_id, category, cluster_id, limit],
    )
    return counted.merge(words[["block", "feature", "label"]], how="left")


def names(run: Reader, category: str) -> dict[int, str]:
    """Return the names of a category's clusters, by cluster id."""
    found = run.read(
        "select cluster_id, cluster_name from cluster_summary"
        " where category = ? order by cluster_id",
        [category],
    )
    return dict(zip(found["cluster_id"], found["cluster_name"], strict=True))


def scores(run: Reader) -> pd.DataFrame:
    """Return one row per category: how good its clusters are, side by side.

    Returns
    -------
    DataFrame
        category, silhouette, cluster_count, retention (null in a first run), k,
        silhouette and stability of both sides, and jaccard, the mean of the stores.
    """
    return run.read(
        """
        with

        chosen as (

            select
                category,
                max(stability) filter (where side = 'internal') as internal_stability,
                max(stability) filter (where side = 'external') as external_stability
            from k_selection
            where is_chosen
            group by category

        ),

        clusters as (

            select
                category,
                sum(jaccard * store_count) / sum(store_count) as jaccard
            from cluster_summary
            where jaccard is not null
            group by category

        )

        select
            cluster_quality.category,
            cluster_quality.silhouette,
            cluster_quality.cluster_count,
            cluster_quality.retention,
            cluster_quality.internal_k,
            cluster_quality.internal_silhouette,
            chosen.internal_stability,
            cluster_quality.external_k,
            cluster_quality.external_silhouette,
            chosen.external_stability,
            clusters.jaccard
        from cluster_quality
        left join chosen using (category)
        left join clusters using (category)
        order by category
        """
    )
