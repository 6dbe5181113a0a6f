"""The method: from store features to clusters.

Pure functions and scikit-learn estimators on frames and arrays; this package
knows no dbt and no files. Each function takes frames, and those of the settings of
`ml.settings` that it reads. The pipeline calls them in this order:

>>> from ml import (
...     prepare,  # features -> components per store
...     fit_projections,  # and what turns those of others into components
...     score_candidates,  # components -> scores per k
...     fit_clusters,  # components and k -> clusters
...     find_drivers,  # external features that explain clusters
...     grow_forests,  # which clusters of one side go with what on the other
...     pair_clusters,  # clusters of one side -> of both
...     merge_finals,  # both sides -> final clusters, many to few
...     score_finals,  # and how well each number is reproduced
...     finish_clusters,  # as many as are wanted, placed
...     fit_centres,  # where they are
...     assign_stores,  # and the stores of now in them
...     number_clusters,  # and the last run's -> their numbers
... )
"""

import importlib

# The modules of public names, imported when asked for: settings alone need no
# scikit-learn. In groups, as in docs/api.
PREPARE = {"prepare": "preparation", "fit_projections": "preparation"}
CLUSTER = {
    "score_candidates": "candidates",
    "fit_clusters": "cluster",
    "external_scopes": "agreement",
}
MERGE = {
    "grow_forests": "joint",
    "pair_clusters": "joint",
    "fit_centres": "centres",
    "assign_stores": "assignment",
    "place_surroundings": "assignment",
    "score_stores": "scoring",
    "merge_finals": "final",
    "finish_clusters": "finish",
    "measure_value": "value",
    "allocate_budget": "final",
    "apply_corrections": "corrections",
}
TRUST = {
    "score_finals": "firmness",
    "score_clusters": "firmness",
    "find_misfits": "misfit",
    "compare_categories": "agreement",
    "find_drivers": "drivers",
    "continue_labels": "continuity",
    "number_clusters": "continuity",
    "describe_changes": "continuity",
    "find_representatives": "representatives",
    "describe_features": "wording",
    "name_clusters": "naming",
    "apply_names": "naming",
}
FOUNDATIONS = {
    "refit_changed": "reuse",
    "fingerprint": "reuse",
    "judge_fits": "drift",
}
MODULES = PREPARE | CLUSTER | MERGE | TRUST | FOUNDATIONS

__all__ = list(MODULES)


def __getattr__(name: str) -> object:
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{MODULES[name]}"), name)
