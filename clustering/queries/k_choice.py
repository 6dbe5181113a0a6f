"""The candidates of k: all that were tried, and why one was chosen."""

import pandas as pd

from clustering.store.runs import Reader

SIDES = {"internal": "What sells there", "external": "What surrounds it"}


def candidates(run: Reader, category: str, side: str) -> pd.DataFrame:
    """Return one row per candidate k of a category and side.

    Returns
    -------
    DataFrame
        k, state (chosen, recommended, possible or ruled out), is_fixed, the scores
        (combined_score is null for what is ruled out), smallest_cluster,
        fitted_stores and reason.
    """
    return run.read(
        """
        select
            k,
            case
                when is_chosen then 'chosen'
                when is_recommended then 'recommended'
                when combined_score is not null then 'possible'
                else 'ruled out'
            end as state,
            is_fixed,
            combined_score,
            silhouette,
            reference_silhouette,
            stability,
            calinski_harabasz,
            davies_bouldin,
            smallest_cluster,
            meets_size_floor,
            fitted_stores,
            reason
        from k_selection
        where category = ? and side = ?
        order by k
        """,
        [category, side],
    )


def scores(run: Reader, category: str) -> pd.DataFrame:
    """Return one row per candidate k of both sides of a category: its scores."""
    return run.read(
        """
        select side, k, silhouette, stability, combined_score, is_chosen, reason
        from k_selection
        where category = ?
        order by side desc, k
        """,
        [category],
    )


def chosen(run: Reader) -> pd.DataFrame:
    """Return one row per category and side: the k in use, and its scores."""
    return run.read(
        """
        select
            category,
            side,
            max(k) filter (is_chosen) as k,
            max(k) filter (is_recommended) as recommended_k,
            bool_or(is_fixed) as is_fixed,
            count(*) as candidate_count,
            max(silhouette) filter (is_chosen) as silhouette,
            max(stability) filter (is_chosen) as stability,
            max(reason) filter (is_chosen) as reason
        from k_selection
        group by category, side
        order by category, side desc
        """
    )


def min_stability(run: Reader) -> float:
    """Return the stability that a k needed in this run."""
    found = run.read("select value from run_settings where name = 'min_stability'")
    return float(found["value"].iloc[0])


def numbers(run: Reader, category: str) -> pd.DataFrame:
    """Return one row per number of final clusters of a category.

    Returns
    -------
    DataFrame
        clusters, basis (both, or the side that they are made of alone), state (chosen,
        recommended or possible), explained_variance,
        sales_explained, firm_store_share, covered_share (null where there are too few
        periods), smallest_cluster, largest_cluster, reason, one_range_share,
        own_range_share and value_words.
    """
    return run.read(
        """
        select
            candidates.clusters,
            candidates.basis,
            case
                when is_chosen then 'chosen'
                when is_recommended then 'recommended'
                else 'possible'
            end as state,
            explained_variance,
            sales_explained,
            agreement,
            firm_store_share,
            covered_share,
            one_range_share,
            own_range_share,
            smallest_cluster,
            largest_cluster,
            reason,
            value_words
        from final_cluster_candidates as candidates
        left join cluster_value
            on
                candidates.category = cluster_value.category
                and candidates.clusters = cluster_value.clusters
        where candidates.category = ?
        order by candidates.clusters
        """,
        [category],
    )


def worth(run: Reader) -> dict[str, str]:
    """Return what the clusters in use are worth, in words, by category.

    Empty for runs of earlier versions, and for categories without periods.
    """
    if "cluster_value" not in run.tables:
        return {}
    found = run.read(
        """
        select candidates.category, value_words
        from final_cluster_candidates as candidates
        inner join cluster_value
            on
                candidates.category = cluster_value.category
                and candidates.clusters = cluster_value.clusters
        where is_chosen
        order by candidates.category
        """
    )
    return dict(zip(found["category"], found["value_words"], strict=True))
