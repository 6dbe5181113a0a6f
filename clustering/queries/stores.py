"""Stores: their clusters, why they are there, and where they are on maps."""

from collections.abc import Iterable, Sequence

import duckdb
import pandas as pd
import pyarrow as pa

from clustering.store.runs import PublishedRun, Reader, StoredRun


def ids(run: Reader) -> list[str]:
    """Return all stores; numbers in the order of numbers."""
    return run.read(
        """
        select store_id
        from store_clusters
        group by store_id
        order by try_cast(store_id as hugeint) nulls last, store_id
        """
    )["store_id"].tolist()


def categories(run: Reader, store_id: str) -> pd.DataFrame:
    """Return one row per category of a store: its cluster and the next best one."""
    return run.read(
        """
        select
            store_clusters.category,
            store_clusters.cluster_id,
            store_clusters.cluster_name,
            -- earlier versions wrote no volume_band
            store_clusters.* similar to 'assignment_method|volume_band',
            store_clusters.assignment_probability,
            store_clusters.is_outlier,
            store_clusters.silhouette,
            store_clusters.distance_to_centroid,
            store_clusters.next_best_cluster,
            next_best.cluster_name as next_best_name,
            store_clusters.next_best_distance,
            summary.store_count
        from store_clusters
        inner join cluster_summary as summary
            on store_clusters.category = summary.category
            and store_clusters.cluster_id = summary.cluster_id
        left join cluster_summary as next_best
            on store_clusters.category = next_best.category
            and store_clusters.next_best_cluster = next_best.cluster_id
        where store_clusters.store_id = ?
        order by store_clusters.category
        """,
        [store_id],
    )


def members(run: Reader, category: str, cluster_id: int) -> pd.DataFrame:
    """Return one row per store of a cluster: how it came there, and how sure it is."""
    return run.read(
        """
        select
            store_id,
            assignment_method,
            assignment_probability,
            silhouette,
            next_best_cluster
        from store_clusters
        where category = ? and cluster_id = ?
        order by try_cast(store_id as hugeint) nulls last, store_id
        """,
        [category, cluster_id],
    )


def search(run: Reader, text: str, *, most: int = 50) -> pd.DataFrame:
    """Return the stores with ``text`` in their number or in a text about them.

    Numbers that begin with it come first; capitals do not matter. Runs of earlier
    versions have no texts: their stores are found by number alone.

    Returns
    -------
    DataFrame
        store_id, found (the column and text, where it is not the number), categories
        (how many) and sales, of up to ``most`` stores.
    """
    has_labels = "store_labels" in run.tables
    labels = (
        "select store_id, label_name || ': ' || label as found from store_labels"
        " where contains(lower(label), $1)"
        if has_labels
        else "select null as store_id, null as found where false"
    )
    return run.read(
        f"""
        with

        labels as (

            {labels}

        ),

        matched as (

            select distinct store_id, null as found
            from store_clusters
            where contains(lower(store_id), $1)
            union all
            from labels

        )

        select
            store_id,
            any_value(found) as found,
            count(distinct category) as categories,
            cast(sum(distinct_sales.sales) as double) as sales
        from (select store_id, max(found) as found from matched group by store_id)
        inner join (
            select store_id, category, sales from store_clusters
        ) as distinct_sales using (store_id)
        group by store_id
        order by
            starts_with(lower(store_id), $1) desc,
            try_cast(store_id as hugeint) nulls last,
            store_id
        limit {most}
        """,
        [text.strip().lower()],
    )


def reasons(run: Reader, store_id: str) -> pd.DataFrame:
    """Return why a store is where it is: one row per category and reason."""
    return run.read(
        """
        select
            category,
            cluster_id,
            reason_rank,
            reason
        from store_reasons
        where store_id = ?
        order by category, reason_rank
        """,
        [store_id],
    )


def shared_reasons(run: Reader, store_id: str, others: Sequence[str]) -> pd.DataFrame:
    """Return what other stores have in common with a store, by its reasons.

    Returns
    -------
    DataFrame
        One row per category and other store with some: category, similar_store and
        why, in which the other store's reasons stand that are of the same feature, and
        on the same side of the average, as one of the store.
    """
    return run.read(
        """
        select
            own.category,
            other.store_id as similar_store,
            string_agg(other.reason, '; ' order by other.reason_rank) as why
        from store_reasons as own
        inner join store_reasons as other
            on
                own.category = other.category
                and own.block = other.block
                and own.feature = other.feature
                and (own.store_value > own.category_mean)
                = (other.store_value > other.category_mean)
        where own.store_id = ? and list_contains(?, other.store_id)
        group by own.category, other.store_id
        order by own.category, other.store_id
        """,
        [store_id, list(others)],
    )


def history(runs: Iterable[StoredRun], store_id: str) -> pd.DataFrame:
    """Return the cluster of a store in each run that is kept.

    Returns
    -------
    DataFrame
        One row per run and category: run, built_at, category, cluster_id and
        cluster_name.
    """
    frames = [_clusters_of(run, store_id) for run in runs]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _clusters_of(run: StoredRun, store_id: str) -> pd.DataFrame:
    try:
        clusters = run.read(
            "select category, cluster_id, cluster_name from store_clusters"
            " where store_id = ? order by category",
            [store_id],
        )
    except duckdb.CatalogException:
        return pd.DataFrame()
    return clusters.assign(run=run.name, built_at=run.built_at)


def places(run: Reader, category: str) -> pd.DataFrame:
    """Return one row per store of ``category``: its places on both maps, and cluster.

    Numbers have seven figures: a browser gets thousands of them.
    """
    return run.read(
        """
        select
            store_map.store_id,
            store_map.cluster_id,
            store_clusters.assignment_method,
            cast(store_clusters.silhouette as float) as silhouette,
            cast(store_clusters.sales as float) as sales,
            cast(store_map.map_x as float) as map_x,
            cast(store_map.map_y as float) as map_y,
            cast(store_map.latitude as float) as latitude,
            cast(store_map.longitude as float) as longitude
        from store_map
        inner join store_clusters using (store_id, category)
        where category = ?
        order by store_map.store_id
        """,
        [category],
    )


def labels(run: Reader, category: str, *, most: int = 300) -> pd.DataFrame:
    """Return one row per text that several stores of a category have in common.

    Runs of earlier versions have none.

    Returns
    -------
    DataFrame
        label_name, label and store_count, those of most stores first.
    """
    if "store_labels" not in run.tables:
        return pd.DataFrame(columns=["label_name", "label", "store_count"])
    return run.read(
        """
        select label_name, label, count(*) as store_count
        from store_labels
        inner join store_clusters using (store_id)
        where category = ?
        group by label_name, label
        having count(*) > 1
        order by store_count desc, label_name, label
        limit ?
        """,
        [category, most],
    )


def with_label(run: Reader, label_name: str, label: str) -> list[str]:
    """Return the stores of which a column says this."""
    return run.read(
        "select store_id from store_labels where label_name = ? and label = ?",
        [label_name, label],
    )["store_id"].tolist()


def located(
    run: PublishedRun, *, category: str | None, cluster: int | None
) -> pa.Table:
    """Return one row per store and category: its cluster, sales and place.

    Parameters
    ----------
    run : PublishedRun
        The run; what Arrow has of it keeps the types of the mart.
    category, cluster : str and int, or None
        The only category and the only cluster, or all.
    """
    with duckdb.connect(str(run.database), read_only=True) as connection:
        return connection.execute(
            """
            select
                store_clusters.* exclude (run_id),
                store_map.latitude,
                store_map.longitude,
                store_clusters.run_id
            from store_clusters
            inner join store_map using (store_id, category)
            where
                category = coalesce($category, category)
                and store_clusters.cluster_id
                    = coalesce($cluster, store_clusters.cluster_id)
            order by category, store_clusters.cluster_id, store_id
            """,
            {"category": category, "cluster": cluster},
        ).to_arrow_table()
