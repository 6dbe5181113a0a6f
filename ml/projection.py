"""What turns the raw features of a store into components, kept as data."""

from typing import Self

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import KNNImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from ml.canonical import DECIMALS, canonical_features
from ml.frames import or_empty, typed_frame
from ml.preprocess import NEIGHBOURS, preprocessor
from ml.reduce import mixed_spreads, principal_axes, projected
from ml.settings import ExternalPreparation, InternalPreparation
from ml.shares import share_transformer, shares_of
from ml.transformers import PercentileScaler, raised

Preparation = InternalPreparation | ExternalPreparation

COLUMNS = {
    "number": "int64",
    "feature": "str",
    "level": "str",
    "fill": "float64",
    "unit_center": "float64",
    "unit_scale": "float64",
    "neighbours": "object",
    "average_share": "float64",
    "prior_sales": "float64",
    "is_used": "bool",
    "power_center": "float64",
    "power_scale": "float64",
    "power": "float64",
    "center": "float64",
    "scale": "float64",
    "scaled_limit": "float64",
    "spread": "float64",
    "offset": "float64",
    "block": "Int64",
    "axis": "object",
    "lowest": "float64",
    "highest": "float64",
}
POWER = ("power_center", "power_scale", "power")
# Share of the rows with one and the same value from which a number is one of levels.
COMMON = 1 / 3


class Projection:
    """Expresses raw features in the components of a fit.

    It is made of one row per column: a number, a need state, or a level of a
    categorical feature (0 or 1). A value that is unknown is filled in; sales become
    shares, shrunk towards the average store's and transformed; used columns are raised
    to a power, centred, scaled, clipped, divided by their spread, and projected onto
    the axes.

    Parameters
    ----------
    columns : DataFrame
        ``COLUMNS``, in the order of number:

        - feature, level: what the column says; level is null for a number.
        - fill: what stands for an unknown value. Null where nearest neighbours tell:
          numbers are brought into comparable units first (unit_center, unit_scale),
          and neighbours has the values of the stores of the fit; else it is empty.
        - average_share, prior_sales: see `ml.shares.SharesOfSales`; of need states.
        - is_used: whether it is a part of the components; what follows is null if not.
        - power_center, power_scale, power: see `ml.transformers.PowerScaler`; null
          where a column is left as it is.
        - center, scale, scaled_limit (null: no limit), spread.
        - offset, axis: the mean in the fit, and the loadings on the components (empty
          where it is not used).
        - block: the number of the feature of levels that it belongs to; else null.
        - lowest, highest: the range in the fit; of need states, of their shares.
    settings : InternalPreparation or ExternalPreparation, optional
        Which transform shares get, on the internal side. To express stores on the
        external side, none is needed.
    """

    def __init__(
        self, columns: pd.DataFrame, settings: Preparation | None = None
    ) -> None:
        absent = [name for name in POWER if name not in columns]  # in older models
        columns = columns.assign(**dict.fromkeys(absent, np.nan))
        self.columns = columns.sort_values("number", ignore_index=True)
        self.settings = settings
        self._used = self.columns[self.columns["is_used"].astype(bool)]

    @classmethod
    def learn(
        cls,
        matrix: pd.DataFrame,
        settings: Preparation,
        *,
        odd_sales: pd.DataFrame | None = None,
    ) -> Self:
        """Learn how to scale features: which are used, medians, spreads.

        Parameters
        ----------
        matrix : DataFrame
            The stores of the fit; see `ml.frames.feature_matrix`.
        settings : InternalPreparation or ExternalPreparation
            See `ml.preprocess.preprocessor`.
        odd_sales : DataFrame, optional
            The part of the sales that fell in every other period.
        """
        known = matrix.loc[:, matrix.notna().any()]
        known = known[canonical_features(known)]
        if known.empty:
            return cls(typed_frame([], COLUMNS), settings)
        # in this order, of equally near neighbours always the same ones are taken
        learnt = known.sort_values(list(known.columns))
        transformer = preprocessor(learnt, settings)
        if odd_sales is None:
            transformer.fit(learnt)
        else:
            odd = odd_sales.reindex(index=learnt.index, columns=learnt.columns)
            transformer.fit(learnt, sharesofsales__odd_sales=odd.fillna(0.0).to_numpy())
        if isinstance(transformer, Pipeline):
            columns = _columns_of_sales(transformer, learnt)
        else:
            columns = _columns_of_features(transformer, learnt)
        learnt = cls(_complete(columns), settings)
        if isinstance(settings, ExternalPreparation):
            used = learnt.columns["is_used"]
            blocks = _blocks(learnt.columns[used], learnt.scaled(matrix))
            learnt = cls(learnt.columns.assign(block=blocks), settings)
        return learnt

    def reduce(self, matrix: pd.DataFrame, settings: Preparation) -> Self:
        """Learn the axes, once it is known how to scale.

        Parameters
        ----------
        matrix : DataFrame
            The stores of the fit.
        settings : InternalPreparation or ExternalPreparation
            n_components, and external_reduction.
        """
        columns, fit = self.columns.copy(), np.ones(len(matrix), dtype=bool)
        is_external = isinstance(settings, ExternalPreparation)
        if is_external and settings.external_reduction == "famd":
            columns = self._mix(matrix)
        scaled = type(self)(columns, self.settings).scaled(matrix)
        if not scaled.shape[1]:
            return type(self)(columns, self.settings)
        axes = principal_axes(scaled, fit, n_components=settings.n_components)
        used = columns.index[columns["is_used"]]
        columns.loc[used, "offset"] = scaled.mean(axis=0)
        columns["axis"] = or_empty(pd.Series(list(axes), used, dtype=object), columns)
        return type(self)(columns, self.settings)

    def _mix(self, matrix: pd.DataFrame) -> pd.DataFrame:
        """Return the columns such that numbers and levels have the same say."""
        columns = self.columns.copy()
        levels = columns["level"].notna()
        if levels.any():
            columns.loc[levels, ["center", "scale", "scaled_limit"]] = 0.0, 1.0, np.nan
            plain = type(self)(columns, self.settings)
            is_level = plain._used["level"].notna().to_numpy()
            spreads = mixed_spreads(plain.scaled(matrix), is_level)
            columns.loc[columns["is_used"], "spread"] = spreads
        return columns

    @property
    def prior_sales(self) -> float | None:
        """What the average store is worth in the shares of each; None: no shares."""
        prior = self.columns["prior_sales"].dropna()
        return float(prior.iloc[0]) if len(prior) else None

    @property
    def has_numbers(self) -> bool:
        """Whether any used column is not one of levels, nor a number of few values."""
        return bool(self._used["block"].isna().any())

    def scaled(self, matrix: pd.DataFrame) -> np.ndarray:
        """Return the used columns of all rows of ``matrix``, scaled: (n, d)."""
        used = self._used
        limit = used["scaled_limit"].fillna(np.inf).to_numpy()
        values = self._values(matrix)[:, used.index]
        center, scale = (
            used["power_center"].fillna(0.0),
            used["power_scale"].fillna(1.0),
        )
        units = (values - center.to_numpy()) / scale.to_numpy()
        values = raised(units, used["power"].to_numpy(dtype=float))
        scaled = (values - used["center"].to_numpy()) / used["scale"].to_numpy()
        return np.clip(scaled, -limit, limit) / used["spread"].to_numpy()

    def components(self, scaled: np.ndarray) -> np.ndarray:
        """Return the components of scaled rows: (n, p).

        There is one column of zeros where nothing is used.
        """
        if self._used.empty:
            return np.zeros((len(scaled), 1))
        rows = scaled - self._used["offset"].to_numpy()
        return projected(rows, np.vstack(self._used["axis"]))

    def doubts(self, matrix: pd.DataFrame) -> dict[str, list[list[str]]]:
        """Return what is odd about each row, as far as used columns are concerned.

        Returns
        -------
        dict
            missing: the features that are not known, of the external side; on the
            internal side, what is not sold is zero. out_of_range: the features beyond
            the range of the fit, or of a level that it did not have.
        """
        is_internal = isinstance(self.settings, InternalPreparation)
        values = _read(matrix, self.columns)[:, self._used.index]
        known = ~np.isnan(values)
        if is_internal:
            all_sales = np.nan_to_num(_read(matrix, self.columns))
            values = shares_of(all_sales)[:, self._used.index]
        out = (values < self._used["lowest"].to_numpy()) | (
            values > self._used["highest"].to_numpy()
        )
        if is_internal:
            known, out = np.ones_like(known), out & known.any(axis=1, keepdims=True)
        return {
            "missing": self._features(~known),
            "out_of_range": self._features(out | self._is_new_level(values)),
        }

    def _is_new_level(self, values: np.ndarray) -> np.ndarray:
        """Return the columns of a feature whose level none of them is."""
        is_level = self._used["level"].notna().to_numpy(dtype=bool)
        is_new = np.zeros(values.shape, dtype=bool)
        for feature in self._used.loc[is_level, "feature"].unique():
            own = is_level & (self._used["feature"] == feature).to_numpy()
            is_new[:, own] = (values[:, own] == 0).all(axis=1, keepdims=True)
        return is_new

    def _features(self, marked: np.ndarray) -> list[list[str]]:
        """Return the features of the marked columns of each row, each once."""
        names = self._used["feature"].to_numpy(dtype=object)
        found: list[list[str]] = [[] for _ in marked]
        for place in np.flatnonzero(marked.any(axis=1)):
            found[place] = list(dict.fromkeys(names[marked[place]]))
        return found

    def _values(self, matrix: pd.DataFrame) -> np.ndarray:
        """Return every column of all rows, unknown values filled in: (n, m)."""
        columns = self.columns
        values = _read(matrix, columns)
        if isinstance(self.settings, InternalPreparation):
            sales = np.nan_to_num(values)
            prior = columns["prior_sales"] * columns["average_share"]
            transform = share_transformer(
                self.settings.share_transform,
                share_exponent=self.settings.share_exponent,
            )
            return transform.transform(shares_of(sales + prior.to_numpy()))
        told = columns["neighbours"].map(len).to_numpy() > 0
        if told.any():
            values[:, told] = _impute(values[:, told], columns[told])
        return np.where(np.isnan(values), columns["fill"].to_numpy(), values)


def _read(matrix: pd.DataFrame, columns: pd.DataFrame) -> np.ndarray:
    """Return the columns as they come: numbers, and 0 or 1 of levels; NaN: unknown."""
    values = np.full((len(matrix), len(columns)), np.nan)
    numbers = columns["level"].isna().to_numpy(dtype=bool)
    there = matrix.reindex(columns=columns.loc[numbers, "feature"])
    values[:, numbers] = there.to_numpy(dtype=float)
    for feature, levels in columns[~numbers].groupby("feature")["level"]:
        if feature in matrix:
            known = matrix[feature].notna().to_numpy(dtype=bool)
            code = pd.Index(levels).get_indexer(matrix[feature][known])
            is_level = code[:, None] == np.arange(len(levels))
            values[np.ix_(known, levels.index)] = is_level
    return values


def _impute(values: np.ndarray, columns: pd.DataFrame) -> np.ndarray:
    """Fill in unknown numbers by the nearest neighbours in the fit."""
    units = (values - columns["unit_center"].to_numpy()) / columns[
        "unit_scale"
    ].to_numpy()
    # DuckDB returns unknown values of a list as masked ones
    lists = (np.ma.asarray(one, dtype=float) for one in columns["neighbours"])
    learnt = np.column_stack([one.filled(np.nan) for one in lists])
    imputer = KNNImputer(n_neighbors=NEIGHBOURS).fit(learnt)
    return imputer.transform(units.round(DECIMALS))


def _columns_of_sales(transformer: Pipeline, sales: pd.DataFrame) -> pd.DataFrame:
    shares = transformer["sharesofsales"]
    own = shares_of(sales.fillna(0.0).to_numpy())
    columns = pd.DataFrame(
        {
            "feature": sales.columns,
            "fill": 0.0,
            "average_share": shares.average_,
            "prior_sales": shares.prior_,
            "lowest": own.min(axis=0),
            "highest": own.max(axis=0),
        }
    )
    return _add_scales(columns, transformer)


def _columns_of_features(
    transformer: ColumnTransformer, features: pd.DataFrame
) -> pd.DataFrame:
    parts = []
    for _, fitted, names in transformer.transformers_:
        if not len(names) or not isinstance(fitted, Pipeline):
            continue
        if "onehotencoder" in fitted.named_steps:
            parts.append(_columns_of_levels(fitted, *names))
        else:
            parts.append(_columns_of_numbers(fitted, features[list(names)]))
    nothing = pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True) if parts else nothing


def _columns_of_numbers(fitted: Pipeline, numbers: pd.DataFrame) -> pd.DataFrame:
    columns = pd.DataFrame(
        {
            "feature": numbers.columns,
            "lowest": numbers.min().to_numpy(),
            "highest": numbers.max().to_numpy(),
        }
    )
    if "knnimputer" in fitted.named_steps:
        units = fitted["standardscaler"]
        learnt = units.transform(numbers).round(DECIMALS)
        columns["unit_center"], columns["unit_scale"] = units.mean_, units.scale_
        columns["neighbours"] = pd.Series(list(learnt.T), dtype=object)
    else:
        columns["fill"] = fitted["simpleimputer"].statistics_
    return _add_scales(columns, fitted)


def _columns_of_levels(fitted: Pipeline, feature: str) -> pd.DataFrame:
    levels, block = fitted["onehotencoder"].categories_[0], fitted["blockscaler"]
    with np.errstate(divide="ignore"):  # of one level all that is said is zero
        scale = 1 / np.full(len(levels), block.scale_)
    return pd.DataFrame(
        {
            "feature": feature,
            "level": levels,
            "fill": (levels == fitted["simpleimputer"].statistics_[0]).astype(float),
            "is_used": True,
            "center": block.mean_,
            "scale": scale,
            "scaled_limit": _limit_of(fitted),
        }
    )


def _add_scales(columns: pd.DataFrame, fitted: Pipeline) -> pd.DataFrame:
    """Add which of the columns the filters keep, and how these are scaled."""
    used = np.arange(len(columns))
    for name in ("nearzerovariance", "correlationfilter"):
        used = used[fitted[name].get_support()]
    scaler = fitted["pipeline"]
    center, scale = _scale_of(scaler[-2:][0])
    columns["is_used"] = np.isin(columns.index, used)
    if "powerscaler" in scaler.named_steps:
        power = scaler["powerscaler"]
        columns.loc[used, "power_center"] = power.unit_.center_
        columns.loc[used, "power_scale"] = power.unit_.scale_
        columns.loc[used, "power"] = power.powers_
    columns.loc[used, "center"] = center
    columns.loc[used, "scale"] = scale
    columns.loc[used, "scaled_limit"] = _limit_of(scaler)
    return columns


def _scale_of(scaler: object) -> tuple[np.ndarray | float, np.ndarray | float]:
    """Return what a fitted scaler subtracts, and what it divides by."""
    match scaler:
        case PercentileScaler():
            return scaler.center_, scaler.scale_
        case StandardScaler():
            return np.asarray(scaler.mean_), np.asarray(scaler.scale_)
        case MinMaxScaler():
            return scaler.data_min_, 1 / scaler.scale_
    return 0.0, 1.0


def _limit_of(scaler: Pipeline) -> float:
    """Return what a pipeline that ends with a limiter clips at; NaN: nothing."""
    limits = getattr(scaler[-1], "kw_args", None) or {}
    return limits.get("a_max", np.nan)


def _complete(columns: pd.DataFrame) -> pd.DataFrame:
    """Give the columns all that ``COLUMNS`` has, and a number each."""
    columns = columns.reindex(columns=list(COLUMNS)).assign(
        number=range(len(columns)),
        spread=np.where(columns["is_used"].astype(bool), 1.0, np.nan),
    )
    lists = {name: or_empty(columns[name], columns) for name in ("neighbours", "axis")}
    return typed_frame([columns.assign(**lists)], COLUMNS)


def _blocks(used: pd.DataFrame, scaled: np.ndarray) -> pd.Series:
    """Return the block of each used column, counted from 1; null: it is of none.

    The columns of a categorical feature are one, and so is a number with one and the
    same value in a third of the rows or more, such as a flag or a count that is often
    zero: no normal distribution has such a value. Need states have none: shares of zero
    differ by the store's sales.
    """
    common = np.array([_most_common(column) >= COMMON for column in scaled.T], bool)
    names = used["feature"].where(common | used["level"].notna())
    places = pd.Series(pd.factorize(names)[0] + 1, index=used.index, dtype="Int64")
    return places.where(places > 0)


def _most_common(column: np.ndarray) -> float:
    """Return the share of the rows that have the most common value."""
    return np.unique(column.round(DECIMALS), return_counts=True)[1].max() / len(column)
