"""What terms in the heads of tables and figures mean, in a sentence each.

A term means the same on every page; what else a head says there is the page's own.
"""

_FIRM = "reproduced when stores are resampled, with a stability of .75 or more."

TERMS = {
    "Agreement": "Adjusted Rand index of two clusterings of the same stores: 1 is the"
    " same, 0 what chance gives.",
    "By chance": "What the silhouette has to exceed: data without clusters reach it at"
    " times.",
    "Calinski-Harabasz": "Variance between clusters against that within them; more is"
    " better.",
    "Combined": "The score that k is chosen by: the stability, raised by how far the"
    " silhouette exceeds chance.",
    "Davies-Bouldin": "How similar each cluster is to the one most like it; less is"
    " better.",
    "Demand covered": "Share of a store's demand that a range of its cluster covers,"
    " with as many SKUs as one range for all has.",
    "Distance": "From the centre of its cluster, in units of the joint features.",
    "Distance there": "From the centre of the next best cluster.",
    "Explained": "Share of the variance between stores that the clusters explain.",
    "External k": "Number of clusters by what surrounds the stores.",
    "Firm": f"Share of clusters that are {_FIRM}",
    "In firm clusters": f"Share of stores in clusters that are {_FIRM}",
    "Internal k": "Number of clusters by what sells in the stores.",
    "Mean silhouette": "How much nearer stores are to their own cluster than to the"
    " next one, from -1 to 1, on average over the categories.",
    "Next best": "The cluster that is second choice.",
    "Sales in firm": f"Share of sales in clusters that are {_FIRM}",
    "Silhouette": "How much nearer its stores are to each other than to the next"
    " cluster, from -1 to 1.",
    "Stability": "How much is reproduced when stores are resampled, 0 to 1. Of a"
    " cluster (Jaccard similarity): from .85 highly stable, from .75 stable, from .60 a"
    " pattern.",
    "Sure": "How likely the cluster is the right one, given the distances.",
}
