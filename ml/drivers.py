"""Which external features explain the internal clusters, and in which direction."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import OrdinalEncoder

from ml.algorithms import single_threaded
from ml.frames import by_category, feature_matrix, features_by_category, typed_frame
from ml.settings import Drivers

DRIVERS = {
    "category": "str",
    "internal_cluster": "int64",
    "feature": "str",
    "level": "str",
    "importance": "float64",
    "importance_share": "float64",
    "importance_rank": "Int64",
    "skill": "float64",
    "is_selected": "bool",
    "is_used": "bool",
    "reason_code": "str",
    "cluster_mean": "float64",
    "category_mean": "float64",
    "standard_difference": "float64",
}

# Every store is judged once, by a model of the stores in the other folds.
FOLDS = 3
# Times that a feature is shuffled among the stores of a fold.
SHUFFLES = 3
# Different numbers, or levels, that the model tells apart.
BINS = 63
# Small and slow-learning trees: what surrounds a store says little about what sells
# in it, and larger ones learn single stores by heart.
BOOSTING = {
    "max_iter": 30,
    "learning_rate": 0.1,
    "max_leaf_nodes": 4,
    "min_samples_leaf": 10,
    "l2_regularization": 10.0,
    "max_bins": BINS,
    "early_stopping": False,
}
# Standard errors that a gain over guessing needs to be more than luck.
LUCK = 2.0
# Decimals of the result: above what the order of additions can change.
DECIMALS = 9


@single_threaded
def find_drivers(
    clusters: pd.DataFrame,
    features: pd.DataFrame,
    settings: Drivers,
) -> pd.DataFrame:
    """Explain the internal clusters of each category by the external features.

    Gradient boosting predicts the cluster of a store that it has not seen. What a
    feature is worth shows where it is shuffled among these stores: the prediction
    gets worse (permutation importance; Breiman 2001, Machine Learning 45). Features
    that correlate share what they are worth.

    Parameters
    ----------
    clusters : DataFrame
        One row per store and category: store_id, category, cluster, is_fitted. The
        stores that shaped the clusters count.
    features : DataFrame
        External features in long form; see `ml.frames.feature_matrix`.
    settings : Drivers
        Features are selected, from the most important on, until they have the share
        ``driver_share`` of the importance.

    Returns
    -------
    DataFrame
        One row per category, internal cluster and feature. skill, importance and
        selection belong to category and feature, and are the same in every cluster.
        skill : the share, 0 to 1, of the uncertainty about a store's cluster (log
        loss against that of the clusters' sizes alone) that the features remove; 0
        where that is within two standard errors of guessing.
        importance : by how much the log loss grows without the feature; null where
        there is no model, or one without skill. All features are selected there.
        level : of a categorical feature, the level that the cluster has most beyond
        the average; cluster_mean and category_mean are then shares of stores.
        standard_difference : cluster mean less category mean, in standard
        deviations.

    Raises
    ------
    ValueError
        If a must-keep feature is not in use.

    Examples
    --------
    >>> stores = [f"{number:02}" for number in range(60)]
    >>> clusters = pd.DataFrame({"store_id": stores, "category": "GIN"})
    >>> clusters = clusters.assign(cluster=[1, 2] * 30, is_fitted=True)
    >>> features = pd.DataFrame({"store_id": stores, "category": None})
    >>> features = features.assign(feature="INCOME", value=[30.0, 50.0] * 30)
    >>> settings = Drivers(
    ...     external_feature_selection="drivers",
    ...     driver_share=0.8,
    ...     must_keep_columns=[],
    ...     random_state=0,
    ... )
    >>> drivers = find_drivers(clusters, features, settings)
    >>> drivers[["internal_cluster", "feature", "standard_difference"]].to_dict("list")
    {'internal_cluster': [1, 2], 'feature': ['INCOME', 'INCOME'], \
'standard_difference': [-1.0, 1.0]}
    """
    _check_must_keep(settings.must_keep_columns, features)
    use_all = settings.external_feature_selection == "all"
    features_of = features_by_category(features)

    def explain_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        fitted = rows[rows["is_fitted"].to_numpy(dtype=bool)]
        matrix = feature_matrix(
            features_of(category),
            category=category,
            store_ids=pd.Index(fitted["store_id"]),
        )
        matrix = matrix.loc[:, matrix.notna().any()]
        if matrix.empty:
            return typed_frame([], DRIVERS)
        matrix, cluster = _sort_by_content(
            matrix, fitted["cluster"].to_numpy(dtype=int)
        )
        rated = _rate(matrix, cluster, random_state=settings.random_state)
        drivers = _compare(matrix, cluster).merge(
            _select(rated, settings), on="feature"
        )
        is_used = use_all | drivers["is_selected"]
        return drivers.assign(category=category, is_used=is_used)

    return typed_frame(by_category(clusters, explain_category), DRIVERS)


def _check_must_keep(must_keep: Sequence[str], features: pd.DataFrame) -> None:
    known = sorted(features["feature"].unique())
    unknown = sorted(set(must_keep).difference(known))
    if unknown and known:
        raise ValueError(
            f"got must-keep columns {', '.join(unknown)}, expected features in use:"
            f" {', '.join(known)}"
        )


def _sort_by_content(
    matrix: pd.DataFrame, cluster: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Put the stores in an order that does not depend on what they are called."""
    order = np.lexsort((cluster, *_numbered(matrix)[0].T))
    return matrix.iloc[order].reset_index(drop=True), cluster[order]


def _numbered(matrix: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the features as numbers, levels as codes, and which ones are levels.

    Of a feature with more levels than bins, the rarest share one.
    """
    is_level = np.array([values.dtype != float for _, values in matrix.items()])
    numbered = matrix.to_numpy(dtype=object, copy=True)
    if is_level.any():
        encoder = OrdinalEncoder(max_categories=BINS, encoded_missing_value=np.nan)
        numbered[:, is_level] = encoder.fit_transform(matrix.loc[:, is_level])
    return numbered.astype(float), is_level


def _rate(
    matrix: pd.DataFrame, cluster: np.ndarray, *, random_state: int
) -> pd.DataFrame:
    """Return skill, importance and reason_code of each feature, where there is a model.

    Stores of clusters that are too small to be in every fold are not predicted.
    """
    rated = pd.DataFrame({"feature": matrix.columns, "importance": np.nan})
    names, code, sizes = np.unique(cluster, return_inverse=True, return_counts=True)
    known = sizes[code] >= FOLDS
    if len(names) < 2:
        return rated.assign(skill=np.nan, reason_code="one_cluster")
    if len(np.unique(code[known])) < 2:
        return rated.assign(skill=np.nan, reason_code="too_few_stores")
    X, is_level = _numbered(matrix)
    skill, importance = _explain(
        X[known],
        np.unique(code[known], return_inverse=True)[1],
        is_level=is_level,
        random_state=random_state,
    )
    if not (skill and importance.any()):
        return rated.assign(skill=0.0, reason_code="nothing_explains")
    return rated.assign(
        skill=round(skill, DECIMALS), importance=importance, reason_code=""
    )


def _explain(
    X: np.ndarray, code: np.ndarray, *, is_level: np.ndarray, random_state: int
) -> tuple[float, np.ndarray]:
    """Return the skill of the prediction and the importance of each column.

    The log loss is a proper score: a model that has learnt noise does worse than
    one that guesses by size, where its balanced accuracy is above chance as often
    as below.
    """
    loss, chance = np.empty(len(X)), np.empty(len(X))
    shuffled = np.empty(X.shape)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=random_state)
    for train, test in folds.split(X, code):
        model = HistGradientBoostingClassifier(
            categorical_features=is_level, random_state=random_state, **BOOSTING
        ).fit(X[train], code[train])
        sizes = np.bincount(code[train])
        chance[test] = -np.log(sizes[code[test]] / len(train))
        loss[test] = _log_loss(model, X[test], code[test])
        shuffled[test] = _shuffled_loss(
            model, X[test], code[test], random_state=random_state
        )
    gain = chance - loss
    by_luck = gain.mean() <= LUCK * gain.std() / np.sqrt(len(gain))
    skill = 0.0 if by_luck else gain.mean() / chance.mean()
    importance = (shuffled.mean(axis=0) - loss.mean()).clip(0)
    return float(skill), importance.round(DECIMALS)


def _log_loss(
    model: HistGradientBoostingClassifier, X: np.ndarray, code: np.ndarray
) -> np.ndarray:
    return -np.log(model.predict_proba(X)[np.arange(len(X)), code])


def _shuffled_loss(
    model: HistGradientBoostingClassifier,
    X: np.ndarray,
    code: np.ndarray,
    *,
    random_state: int,
) -> np.ndarray:
    """Return the mean log loss of each row with each column shuffled in turn.

    All columns are predicted at once: a call of the model costs more than its
    work, and scikit-learn's ``permutation_importance`` calls it for each column.
    """
    rng = np.random.default_rng(random_state)
    rows, columns = X.shape
    loss = np.zeros((columns, rows))
    for _ in range(SHUFFLES):
        copies = np.tile(X, (columns, 1, 1))
        for column, other in enumerate(X[rng.permutation(rows)].T):
            copies[column, :, column] = other
        stacked = copies.reshape(-1, columns)
        loss += _log_loss(model, stacked, np.tile(code, columns)).reshape(loss.shape)
    return loss.T / SHUFFLES


def _select(rated: pd.DataFrame, settings: Drivers) -> pd.DataFrame:
    """Rank the features, and select from the first on until they explain enough."""
    ranked = rated.sort_values(
        ["importance", "feature"], ascending=[False, True], ignore_index=True
    )
    modelled = ranked["importance"].notna()
    share = ranked["importance"] / ranked["importance"].sum()
    before = (share.cumsum() - share).round(DECIMALS)
    kept = ranked["feature"].isin(settings.must_keep_columns)
    driver = (before < settings.driver_share) & (share > 0)
    return ranked.assign(
        importance_share=share,
        importance_rank=(ranked.index + 1).to_series(ranked.index).where(modelled),
        is_selected=driver | kept | ~modelled,
        reason_code=ranked["reason_code"].where(
            ~modelled,
            np.select([driver, kept], ["driver", "must_keep"], "explains_little"),
        ),
    )


def _compare(matrix: pd.DataFrame, cluster: np.ndarray) -> pd.DataFrame:
    """Return the mean of each feature in each cluster, against that of all stores."""
    names, columns = zip(*_as_numbers(matrix), strict=True)
    values = pd.concat(columns, axis=1, ignore_index=True)
    mean, deviation = values.mean(), values.std(ddof=0)
    varies = values.max() > values.min()
    compared = pd.concat(
        pd.DataFrame(names, columns=["feature", "level"]).assign(
            internal_cluster=number,
            cluster_mean=own.round(DECIMALS),
            category_mean=mean.round(DECIMALS),
            standard_difference=((own - mean) / deviation)
            .where(varies | own.isna(), 0.0)
            .round(DECIMALS),
        )
        for number, own in values.groupby(cluster).mean().iterrows()
    )
    return _keep_one_level(compared)


def _keep_one_level(compared: pd.DataFrame) -> pd.DataFrame:
    """Keep the level that the cluster has most beyond the average, of each feature."""
    beyond = (compared["cluster_mean"] - compared["category_mean"]).round(DECIMALS)
    ordered = compared.assign(beyond=beyond).sort_values(
        ["internal_cluster", "feature", "beyond", "level"],
        ascending=[True, True, False, True],
    )
    return ordered.drop_duplicates(["internal_cluster", "feature"])


def _as_numbers(
    matrix: pd.DataFrame,
) -> Iterator[tuple[tuple[str, str | None], pd.Series]]:
    """Yield each numeric feature, and each level of a categorical one as 0 or 1."""
    for feature, values in matrix.items():
        if values.dtype == float:
            yield (str(feature), None), values
            continue
        for level in sorted(values.dropna().unique()):
            yield (
                (str(feature), level),
                values.eq(level).astype(float).where(values.notna()),
            )
