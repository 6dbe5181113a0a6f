"""What corrections would do to the clusters of a published run."""

from collections.abc import Mapping, Sequence

import pandas as pd

from clustering.store.runs import Reader


def effect(run: Reader, category: str, moved: Mapping[str, int]) -> pd.DataFrame:
    """Return one row per cluster: its stores and sales before and after moves.

    Parameters
    ----------
    run : Reader
        The run that is corrected.
    category : str
        The category.
    moved : mapping
        Cluster per store that goes there.

    Returns
    -------
    DataFrame
        cluster_id, cluster_name, store_count, stores_after, sales, sales_after.
    """
    stores = run.read(
        """
        select store_id, cluster_id, cluster_name, cast(sales as double) as sales
        from store_clusters
        where category = ?
        order by store_id
        """,
        [category],
    )
    names = stores.groupby("cluster_id")["cluster_name"].first()
    before = stores.groupby("cluster_id")["sales"].agg(["count", "sum"])
    target = stores["store_id"].map(dict(moved)).fillna(stores["cluster_id"])
    after = stores.groupby(target.astype(int))["sales"].agg(["count", "sum"])
    both = before.join(after.add_suffix("_after"), how="left").fillna(0)
    both.columns = pd.Index(["store_count", "sales", "stores_after", "sales_after"])
    return (
        both.assign(cluster_name=names)
        .reset_index()
        .astype({"store_count": int, "stores_after": int})
    )


def stores_in(run: Reader, category: str, cluster_id: int) -> list[str]:
    """Return the stores of a cluster."""
    return run.read(
        "select store_id from store_clusters"
        " where category = ? and cluster_id = ? order by store_id",
        [category, cluster_id],
    )["store_id"].tolist()


def profile_effect(
    run: Reader,
    category: str,
    moved: Mapping[str, int],
    clusters: Sequence[int],
    *,
    most: int = 3,
) -> pd.DataFrame:
    """Return which need states become more or less of the sales in some clusters.

    Returns
    -------
    DataFrame
        One row per cluster and need state, the ``most`` that change most: cluster_id,
        need_state, and share and share_after, means over its stores.
    """
    shares = run.read(
        """
        select store_id, cluster_id, need_state, sales_share
        from store_need_state_shares
        inner join store_clusters using (store_id, category)
        where category = ?
        """,
        [category],
    )
    target = shares["store_id"].map(dict(moved)).fillna(shares["cluster_id"])
    both = pd.concat(
        [
            _mean_shares(shares, shares["cluster_id"]),
            _mean_shares(shares, target.astype(int)),
        ],
        axis=1,
        keys=["share", "share_after"],
    ).reset_index()
    both = both[both["cluster_id"].isin(clusters)].fillna(0.0)
    change = (both["share_after"] - both["share"]).abs()
    return (
        both.assign(change=change)[change > 0]
        .sort_values(["cluster_id", "change"], ascending=[True, False])
        .groupby("cluster_id")
        .head(most)
        .drop(columns="change")
        .reset_index(drop=True)
    )


def _mean_shares(shares: pd.DataFrame, clusters: pd.Series) -> pd.Series:
    """Return the mean share of each need state over the stores of each cluster."""
    sums = shares.groupby([clusters.rename("cluster_id"), "need_state"])["sales_share"]
    stores = shares["store_id"].groupby(clusters).nunique()
    return sums.sum().div(stores.rename_axis("cluster_id"), level="cluster_id")


def neighbours(
    run: Reader, category: str, store_id: str, *, most: int = 5
) -> pd.DataFrame:
    """Return the stores that are most like one, the nearest first.

    Likeness is that of the map: the two axes along which stores differ most.

    Returns
    -------
    DataFrame
        store_id, cluster_id, cluster_name and distance.
    """
    return run.read(
        """
        with

        chosen as (

            select map_x, map_y from store_map
            where category = ? and store_id = ?

        )

        select
            store_map.store_id,
            store_clusters.cluster_id,
            store_clusters.cluster_name,
            sqrt(
                power(store_map.map_x - chosen.map_x, 2)
                + power(store_map.map_y - chosen.map_y, 2)
            ) as distance
        from store_map
        inner join store_clusters using (store_id, category)
        cross join chosen
        where category = ? and store_map.store_id != ?
        order by distance, store_map.store_id
        limit ?
        """,
        [category, store_id, category, store_id, most],
    )


def numbers(run: Reader, category: str, side: str) -> pd.DataFrame:
    """Return one row per number of clusters that was tried for a side.

    Parameters
    ----------
    run : Reader
        The run.
    category : str
        The category.
    side : str
        internal, external, or final for the final clusters.

    Returns
    -------
    DataFrame
        clusters, is_chosen, smallest_cluster, score and reason.
    """
    if side == "final":
        return run.read(
            """
            select clusters, is_chosen, smallest_cluster, score, reason
            from final_cluster_candidates
            where category = ?
            order by clusters
            """,
            [category],
        )
    return run.read(
        """
        select
            k as clusters,
            is_chosen,
            smallest_cluster,
            combined_score as score,
            reason
        from k_selection
        where category = ? and side = ?
        order by k
        """,
        [category, side],
    )


def rows_of_run(run: Reader) -> pd.DataFrame:
    """Return one row per correction that the run had: its text, and what it did.

    Returns
    -------
    DataFrame
        seed, category, store_id, side, cluster_id, action, value, state and outcome.
    """
    return run.read(
        """
        select
            seed, category, store_id, side, cluster_id, action, value, state, outcome
        from corrections
        order by seed, seed_line
        """
    )


def clusters_by_store(run: Reader, category: str) -> pd.DataFrame:
    """Return one row per store of a category: its cluster and the next best one."""
    return run.read(
        """
        select
            store_id,
            cluster_id,
            cluster_name,
            next_best_cluster,
            silhouette,
            cast(sales as double) as sales
        from store_clusters
        where category = ?
        order by try_cast(store_id as hugeint) nulls last, store_id
        """,
        [category],
    )
