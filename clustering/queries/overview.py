"""A run at a glance."""

import pandas as pd

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
    return run.read(f"from {name} order by all")
