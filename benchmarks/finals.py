"""Final clusters of a run in three figures per category: number, size, firmness."""

import pandas as pd

# Clusters are firm from this Jaccard similarity on: the lower end of "stable".
FIRM = 0.75

MEANING = {
    "clusters": "final clusters, both sides merged and rebalanced",
    "largest": "share of the stores in the largest of them",
    "firm": f"share of the stores in final clusters with a Jaccard similarity of {FIRM}"
    " or more under resampling; - where there is one cluster",
}


def final_figures(summary: pd.DataFrame) -> pd.DataFrame:
    """Return clusters, largest and firm by category.

    Parameters
    ----------
    summary : DataFrame
        As the mart cluster_summary: category, store_count, jaccard.

    Examples
    --------
    >>> summary = pd.DataFrame(
    ...     {
    ...         "category": ["GIN", "GIN", "RUM"],
    ...         "store_count": [30, 10, 9],
    ...         "jaccard": [0.9, 0.7, None],
    ...     }
    ... )
    >>> final_figures(summary).to_dict("index")["GIN"]
    {'clusters': 2, 'largest': 0.75, 'firm': 0.75}
    """
    counts = summary.assign(
        firm=summary["store_count"].where(summary["jaccard"] >= FIRM, 0)
    )
    by_category = counts.groupby("category")
    stores = by_category["store_count"].sum()
    number = by_category.size()
    return pd.DataFrame(
        {
            "clusters": number,
            "largest": by_category["store_count"].max() / stores,
            "firm": (by_category["firm"].sum() / stores).where(number > 1),
        }
    )


def final_cells(summary: pd.DataFrame) -> dict[str, str]:
    """Return the same as cells of one row: a figure per category, in their order.

    Examples
    --------
    >>> summary = pd.DataFrame(
    ...     {"category": ["GIN", "RUM"], "store_count": [9, 9], "jaccard": [None, None]}
    ... )
    >>> final_cells(summary)
    {'clusters': '1 1', 'largest': '1.00 1.00', 'firm': '- -'}
    """
    figures = final_figures(summary).sort_index()
    return {
        "clusters": " ".join(figures["clusters"].astype(str)),
        "largest": " ".join(f"{share:.2f}" for share in figures["largest"]),
        "firm": " ".join(
            "-" if pd.isna(share) else f"{share:.2f}" for share in figures["firm"]
        ),
    }
