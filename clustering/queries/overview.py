"""A run at a glance."""

import pandas as pd

from clustering.core import sql
from clustering.presentation.words import in_words, percent
from clustering.store.runs import Reader


def totals(run: Reader) -> pd.Series:
    """Return stores, categories, clusters, sales and the rows quarantined."""
    return run.read(
        """
        select
            (select count(distinct store_id) from store_clusters) as stores,
            count(distinct category) as categories,
            count(*) as clusters,
            cast(sum(sales) as double) as sales,
            (
                select cast(sum(rows_quarantined) as bigint)
                from input_reconciliation
            ) as rows_quarantined,
            (
                select cast(sum(rows_read) as bigint) from input_reconciliation
            ) as rows_read
        from cluster_summary
        """
    ).iloc[0]


def categories(run: Reader) -> pd.DataFrame:
    """Return one row per category: size, k, quality, and cluster sizes."""
    return run.read(
        """
        with

        sizes as (

            select
                category,
                list(store_count order by cluster_id) as sizes,
                cast(sum(sales) as double) as sales
            from cluster_summary
            group by category

        )

        select
            category,
            store_count,
            cluster_count,
            sizes,
            sales,
            silhouette,
            internal_silhouette,
            external_silhouette,
            stable_cluster_count,
            retention,
            internal_k,
            external_k,
            smallest_cluster,
            largest_cluster,
            inferred_count,
            outlier_count,
            verdict_code,
            verdict
        from cluster_quality
        inner join sizes using (category)
        order by category
        """
    )


def clusters(run: Reader, category: str, *, need_states: int = 2) -> pd.DataFrame:
    """Return one row per cluster of a category: what a planner asks first.

    Returns
    -------
    DataFrame
        cluster_id, cluster_name, store_count, sales, sales_share, sells (need states
        with the largest shares of its sales, in words), stability_band, and change
        since the version before: kept, new, split or merged; null where unknown.
    """
    found = run.read(
        """
        select
            cluster_id,
            cluster_name,
            store_count,
            cast(sales as double) as sales,
            sales_share,
            stability_band
        from cluster_summary
        where category = ?
        order by cluster_id
        """,
        [category],
    )
    return found.merge(
        _best_sellers(run, category, most=need_states), on="cluster_id", how="left"
    ).merge(_changes(run, category), on="cluster_id", how="left")


def _best_sellers(run: Reader, category: str, *, most: int) -> pd.DataFrame:
    """Return one row per cluster: its best sellers, with their shares, in words."""
    if "cluster_profiles" not in run.tables:
        return pd.DataFrame({"cluster_id": [0], "sells": [None]})
    shares = in_words(
        run.read(
            """
            select * from cluster_profiles
            where category = ? and block = 'internal'
            qualify row_number() over (
                partition by cluster_id order by cluster_mean desc, feature
            ) <= ?
            order by cluster_id, cluster_mean desc, feature
            """,
            [category, most],
        )
    )
    said = shares["label"] + " " + shares["cluster_mean"].map(percent)
    return (
        said.groupby(shares["cluster_id"])
        .agg(", ".join)
        .rename("sells")
        .rename_axis("cluster_id")
        .reset_index()
    )


def _changes(run: Reader, category: str) -> pd.DataFrame:
    if "cluster_changes" not in run.tables:  # an earlier version did not write it
        return pd.DataFrame({"cluster_id": [0], "change": [None]})
    return run.read(
        "select cluster_id, any_value(change) as change from cluster_changes"
        " where category = ? and cluster_id is not null group by cluster_id",
        [category],
    )


def sizes(run: Reader) -> pd.DataFrame:
    """Return one row per category and cluster: its stores and their share."""
    return run.read(
        """
        select
            category,
            cluster_id,
            cluster_name,
            store_count,
            store_share,
            cast(sales as double) as sales,
            sales_share
        from cluster_summary
        order by category, cluster_id
        """
    )


def agreement(run: Reader) -> pd.DataFrame:
    """Return one row per two categories: how far they have the same clusters."""
    return run.read("from category_agreement order by category, other_category")


def provenance(run: Reader) -> pd.Series:
    """Return the run's id, code version, seconds, and numbers of tests."""
    return run.read(
        """
        select
            run.*,
            (select count(*) from run_tests where status = 'warn') as warning_count
        from run
        """
    ).iloc[0]


def settings(run: Reader) -> pd.DataFrame:
    """Return one row per setting: name, value, and whether it is the default."""
    return run.read("select name, value, is_default from run_settings order by name")


def changed_settings(run: Reader) -> pd.DataFrame:
    """Return one row per setting that is not as in dbt_project.yml."""
    found = settings(run)
    return found[~found["is_default"]].reset_index(drop=True)


def currency(run: Reader) -> str:
    """Return the currency of a run's sales; empty where nobody said it."""
    if "run_settings" not in run.tables:
        return ""
    found = run.read("select value from run_settings where name = 'currency'")
    return "".join(found["value"].dropna())


def table(run: Reader, name: str) -> pd.DataFrame:
    """Return a mart whole, in an order of its own."""
    return run.read(f"from {sql.name(name)} order by all")
