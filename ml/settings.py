"""Settings of the method: the type and range of each, grouped by what reads them.

A setting is declared once, in the group of all that read it, and groups inherit from
one another: what a function takes is the group that it depends on, neither more nor
less. The comments of dbt_project.yml say at length what each setting does. A group
reads its own settings out of those of a whole run, and ignores the others:

>>> run = '{"random_state": 42, "n_init": 5, "algorithm": "kmeans", "k_margin": 0.02}'
>>> Starts.model_validate_json(run)
Starts(random_state=42, n_init=5)
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
PositiveShare = Annotated[float, Field(gt=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
CountOrNone = Annotated[int, Field(ge=0)]
AtLeastTwo = Annotated[int, Field(ge=2)]
Scaling = Literal["power", "robust", "standard", "minmax", "none"]
ShareTransform = Literal["share", "hellinger", "cube_root", "power", "clr"]
Imputation = Literal["mean", "median", "most_frequent", "knn"]
PrimarySide = Literal["auto", "internal", "external"]
RebalanceMode = Literal["store", "cluster"]
RefitWhen = Literal["changed", "drifted", "always", "never"]
Algorithm = Literal[
    "kmeans", "minibatch_kmeans", "gmm", "agglomerative", "birch", "hdbscan"
]


class Group(BaseModel):
    """Settings that are read together.

    Raises
    ------
    pydantic.ValidationError
        A `ValueError`, where a setting is missing, of another type, out of its range,
        or contradicts another one.
    """

    model_config = ConfigDict(
        extra="ignore",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        defer_build=True,  # importing them all is cheap: each is built when it is used
    )

    def _clash(self, expected: str, *names: str) -> ValueError:
        """Return the error for values that contradict each other."""
        found = " and ".join(f"{name}={_said(getattr(self, name))}" for name in names)
        return ValueError(f"got {found}, {expected}")


def _said(value: object) -> str:
    """Return a valid value as people write it."""
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if is_whole else value)


class Randomness(Group):
    """What all random draws depend on.

    Attributes
    ----------
    random_state : int
        Seed.
    """

    random_state: Annotated[int, Field(ge=0, le=4294967295)]


class FeatureSelection(Group):
    """Which external features the external clusters are made with.

    Attributes
    ----------
    external_feature_selection : str
        ``all`` of them, or in each category its ``drivers``.
    """

    external_feature_selection: Literal["all", "drivers"]


class MustKeep(Group):
    """External features that are always kept.

    Attributes
    ----------
    must_keep_columns : list of str
        Their names.
    """

    must_keep_columns: list[str]


class Drivers(FeatureSelection, Randomness, MustKeep):
    """How the features that explain the internal clusters are found.

    Attributes
    ----------
    driver_share : float
        Share of the importance, above 0 to 1, that the selected features have together.
    """

    driver_share: PositiveShare


class Preparation(Randomness):
    """How the features of either side become components.

    Attributes
    ----------
    max_same_value : float
        Highest share of the stores, 0 to 1, with one and the same value of a feature.
    max_correlation : float
        Highest absolute correlation, 0 to 1, of two features.
    scaled_limit : float
        Spreads, above 0, that scaled values are held within.
    outlier_score : float
        Anomaly score, above 0 to 1, from which a store is an outlier; 1 finds none.
    n_components : float or int
        Below 1, the share of the variance that components keep; from 1 on, their
        number.
    """

    max_same_value: Share
    max_correlation: Share
    scaled_limit: Annotated[float, Field(gt=0)]
    outlier_score: PositiveShare
    n_components: Annotated[float, Field(gt=0, lt=1)] | Count


class InternalPreparation(Preparation):
    """How the sales of each need state become components.

    Attributes
    ----------
    share_transform : str
        How shares of sales are expressed; see `ml.shares.share_transformer`.
    share_exponent : float
        Exponent of the transform ``power``, above 0 to 1.
    shrink_shares : bool
        Whether shares of small stores are shrunk towards the average store's.
    internal_scaling : str
        See `ml.transformers.scaler`.
    """

    share_transform: ShareTransform
    share_exponent: PositiveShare
    shrink_shares: bool
    internal_scaling: Scaling


class ExternalPreparation(Preparation, MustKeep):
    """How external features become components.

    Attributes
    ----------
    imputation : str
        What stands in for an unknown number: mean, median or most_frequent of the
        feature, or knn, the mean of the 5 stores most alike in the other features.
    external_scaling : str
        See `ml.transformers.scaler`.
    external_reduction : str
        ``pca``, or ``famd`` for numeric and categorical features together; see
        `ml.reduce`.
    """

    imputation: Imputation
    external_scaling: Scaling
    external_reduction: Literal["pca", "famd"]


class Starts(Randomness):
    """How k-means and Gaussian mixtures are started.

    Attributes
    ----------
    n_init : int
        Random starts, of which the best counts.
    """

    n_init: Count


class SmallestCluster(Group):
    """How small a cluster may be.

    Attributes
    ----------
    min_cluster_size : int
        Stores that a cluster needs.
    """

    min_cluster_size: Count


class SizeFloor(SmallestCluster):
    """How small a cluster may be, also in a category of few stores.

    Attributes
    ----------
    max_size_floor_share : float
        Share of the category's stores, 0 to 1, that ``min_cluster_size`` may ask for.
    """

    max_size_floor_share: Share


class Fit(SmallestCluster, Starts):
    """How stores are clustered.

    Attributes
    ----------
    algorithm : str
        kmeans, minibatch_kmeans, gmm (Gaussian mixture with diagonal covariances),
        agglomerative (Ward's method), birch, or hdbscan, which takes
        ``min_cluster_size`` for the fewest stores of a cluster.
    """

    algorithm: Algorithm

    def with_starts(self, most: int) -> Self:
        """Return the same with that many starts at most."""
        return self.model_copy(update={"n_init": min(self.n_init, most)})


class Eligibility(SizeFloor):
    """Which numbers of clusters may be chosen.

    Attributes
    ----------
    min_stability : float
        Agreement of subsamples, 0 to 1, that a number of clusters needs.
    """

    min_stability: Share


class Choice(Eligibility):
    """Which number of clusters is chosen.

    Attributes
    ----------
    k_margin : float
        How far scores, 0 to 2, may be apart that count as equal.
    """

    k_margin: Annotated[float, Field(ge=0, le=2)]


class Search(Eligibility, Fit):
    """Which numbers of clusters are tried, and how they are judged.

    Attributes
    ----------
    min_clusters, max_clusters : int
        Lowest candidate, from 2 up, and highest.
    stability_resamples : int
        Subsamples of the stores, at least 2, that each candidate is tried on.
    """

    min_clusters: AtLeastTwo
    max_clusters: AtLeastTwo
    stability_resamples: AtLeastTwo

    @model_validator(mode="after")
    def _check_range(self) -> Self:
        if self.min_clusters > self.max_clusters:
            raise self._clash(
                "expected min_clusters to be at most max_clusters",
                "min_clusters",
                "max_clusters",
            )
        return self


class Weights(Group):
    """How much each side weighs in the joint space.

    Attributes
    ----------
    internal_weight, external_weight : float
        Variance of the side's block of columns, from 0 up.
    """

    internal_weight: Weight
    external_weight: Weight

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        if self.internal_weight + self.external_weight == 0:
            raise self._clash(
                "expected one of them above 0", "internal_weight", "external_weight"
            )
        return self


class FinalSizes(SizeFloor):
    """How small a final cluster may be.

    Attributes
    ----------
    min_cluster_share : float
        Share of the category's stores, 0 to 0.5, that a final cluster needs where that
        is more than ``min_cluster_size``.
    """

    min_cluster_share: Annotated[float, Field(ge=0, le=0.5)]


class Merging(Weights, FinalSizes):
    """How clusters of two sides become final ones.

    Attributes
    ----------
    primary_side : str
        auto, internal or external: the side that final clusters may be made of alone;
        auto is either.
    rebalance_mode : str
        What goes to the nearest large cluster: each ``store`` of a small one by itself,
        or the small ``cluster`` as a whole.
    """

    primary_side: PrimarySide
    rebalance_mode: RebalanceMode


class MergePaths(Merging):
    """How far clusters are merged.

    Attributes
    ----------
    max_final_clusters : int
        Most final clusters of a category.
    """

    max_final_clusters: Count


class Finish(Merging, Starts):
    """How final clusters are finished.

    Attributes
    ----------
    max_cluster_size : int
        Stores that a final cluster may have; 0 is no maximum.
    """

    max_cluster_size: CountOrNone

    @model_validator(mode="after")
    def _check_sizes(self) -> Self:
        if 0 < self.max_cluster_size < 2 * self.min_cluster_size:
            raise self._clash(
                "expected max_cluster_size to be 0 (no maximum) or at least twice"
                " min_cluster_size",
                "max_cluster_size",
                "min_cluster_size",
            )
        return self


class FinalScores(Merging, Choice, Fit):
    """How numbers of final clusters are scored.

    Attributes
    ----------
    bootstrap_resamples : int
        Subsamples of the stores, at least 2, on which the whole method is repeated.
    """

    bootstrap_resamples: AtLeastTwo


class ClusterScores(Finish, Fit):
    """How the chosen final clusters are scored."""


class Scopes(FeatureSelection):
    """How often the external side is clustered.

    Attributes
    ----------
    external_scope : str
        In each ``category``, once for all (``global``), or ``auto``: once for those
        whose surroundings do not differ.
    """

    external_scope: Literal["auto", "category", "global"]

    @model_validator(mode="after")
    def _check_scope(self) -> Self:
        if self.external_scope == "global" and self.external_feature_selection != "all":
            raise self._clash(
                "expected all: drivers are those of a category, so they need"
                " external_scope=auto or category",
                "external_scope",
                "external_feature_selection",
            )
        return self


class Budget(Group):
    """How many final clusters all categories together may have.

    Attributes
    ----------
    total_final_clusters : int
        Most final clusters of all categories together; 0 is no budget.
    """

    total_final_clusters: CountOrNone


class FinalChoice(Budget, MergePaths):
    """Which number of final clusters is chosen; SQL reads these.

    Attributes
    ----------
    min_final_clusters : int
        Fewest final clusters of a category, where so many are reproducible.
    final_margin : float
        Share, 0 to 1, by which another number must score better than the last run's.
    """

    min_final_clusters: Count
    final_margin: Share

    @model_validator(mode="after")
    def _check_numbers(self) -> Self:
        if self.min_final_clusters > self.max_final_clusters:
            raise self._clash(
                "expected min_final_clusters to be at most max_final_clusters",
                "min_final_clusters",
                "max_final_clusters",
            )
        return self


class Labels(Group):
    """How clusters are numbered.

    Attributes
    ----------
    label_continuity : bool
        Whether a cluster that goes on keeps its number of the last published run.
    """

    label_continuity: bool


class Method(
    Labels,
    FinalScores,
    FinalChoice,
    ClusterScores,
    Search,
    ExternalPreparation,
    InternalPreparation,
    Scopes,
    Drivers,
):
    """All settings of the method."""
