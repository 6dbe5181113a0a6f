"""The models of a published run, loaded to score stores."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import duckdb
import numpy as np
import pandas as pd

from clustering.core.errors import ArgumentError, CommandError
from clustering.scoring.inputs import Features, as_tables, read_features
from clustering.scoring.words import Words
from clustering.store.models import FOLDER, read_manifest
from clustering.store.runs import PublishedRun, current_run, find_models
from ml.frames import typed_frame
from ml.scoring import find_similar, read_fits, score_stores
from ml.settings import InternalPreparation
from ml.similar import SIMILAR, similar_stores

UNKNOWN = "unknown"
MOST_SIMILAR = 10


def find_run_of(published: Path, version: str | None) -> PublishedRun:
    """Return a run that has its models; without a name, that of the live version.

    Raises
    ------
    ArgumentError
        If it matches none whose models are kept, or several.
    CommandError
        If nothing is published yet.
    """
    found = find_models(published, version) if version else current_run(published)
    if found is None:
        raise CommandError(f"nothing is published yet in {published}: clustering run")
    return found


class Attribute(NamedTuple):
    """A column of store_attributes that clusters were made from.

    Parameters
    ----------
    name : str
        Of the column.
    levels : list of str
        Its levels in the fit; none where it is a number.
    lowest, highest : float
        Its range in the fit, over all categories.
    """

    name: str
    levels: list[str]
    lowest: float
    highest: float


class Model:
    """What a published run knows of clusters, without its input.

    Parameters
    ----------
    name : str
        Of the run.
    tables : mapping
        Its models by name; see `clustering.store.models.TABLES`.
    settings : mapping
        Of the run.
    """

    def __init__(
        self,
        name: str,
        tables: Mapping[str, pd.DataFrame],
        settings: Mapping[str, Any],
    ) -> None:
        self.name = name
        self.tables = tables
        self._settings = settings
        self._fits = read_fits(tables, InternalPreparation.model_validate(settings))
        self._words = Words(tables)

    @classmethod
    def of_run(cls, run: PublishedRun) -> Self:
        """Load the models of a run.

        Raises
        ------
        PipelineError
            If it has none, or they are of a later schema.
        """
        manifest = read_manifest(run)
        folder = run.folder / FOLDER
        with duckdb.connect() as connection:
            tables = {
                name: connection.read_parquet(str(folder / f"{name}.parquet")).df()
                for name in manifest["tables"]
            }
        return cls(run.name, tables, manifest["settings"])

    @property
    def categories(self) -> list[str]:
        """The categories that it has clusters of."""
        return self.tables["categories"]["category"].tolist()

    @property
    def attributes(self) -> list[Attribute]:
        """What it knows stores by beside their sales and markets, by name."""
        columns = self.tables["projections"]
        by_category = self.tables["means"]["feature"]
        is_own = columns["side"].eq("external") & ~columns["feature"].isin(by_category)
        return [
            Attribute(
                str(name),
                sorted(rows["level"].dropna().unique()),
                rows["lowest"].min(),
                rows["highest"].max(),
            )
            for name, rows in columns[is_own].groupby("feature")
        ]

    def assign(
        self,
        frame: pd.DataFrame | None = None,
        *,
        categories: Sequence[str] = (),
        **tables: pd.DataFrame,
    ) -> pd.DataFrame:
        """Return the cluster of each store, in each category.

        Parameters
        ----------
        frame : DataFrame, optional
            What is known of the stores, in the shape of a raw table.
        categories : sequence of str
            The categories wanted; by default those with sales of the store, and all
            where there are none.
        **tables
            internal_sales, store_attributes and external_sales, in place of a frame.

        Returns
        -------
        DataFrame
            See `score`.

        Raises
        ------
        ArgumentError
            If the columns are those of no raw table, or there is no such category.
        """
        given = tables if frame is None else as_tables(frame) | tables
        return self.assign_known(self.read(given), categories=categories)

    def read(self, tables: Mapping[str, pd.DataFrame]) -> Features:
        """Return what raw tables say of stores, and the rows that are left out."""
        return read_features(tables, self.tables, self._settings)

    def assign_known(
        self, known: Features, *, categories: Sequence[str] = ()
    ) -> pd.DataFrame:
        """Return the cluster of each store by what `read` returned; see `assign`."""
        if unknown := set(categories) - set(self.categories):
            raise ArgumentError(
                f"got category {min(unknown)!r}, expected one of"
                f" {', '.join(self.categories)}"
            )
        stores = self._rows(known.store_ids, known.sales, categories)
        return self.score(stores, known.sales, known.external)

    def similar(
        self,
        known: Features,
        *,
        categories: Sequence[str] = (),
        most: int = MOST_SIMILAR,
    ) -> pd.DataFrame:
        """Return the stores of the run that are most like each store.

        Parameters
        ----------
        known : Features
            What `read` returned.
        categories : sequence of str
            As in `assign`.
        most : int
            How many to return of each store, in each category.

        Returns
        -------
        DataFrame
            See `ml.scoring.find_similar`.
        """
        stores = self._rows(known.store_ids, known.sales, categories)
        stores = stores.assign(split_value=self._split_values(stores, known.external))
        return find_similar(stores, known.sales, known.external, self._fits, most=most)

    def similar_in_run(
        self, store_id: str, *, most: int = MOST_SIMILAR
    ) -> pd.DataFrame:
        """Return the stores most like a store of the run, as it was then.

        Empty where the run does not have the store; else as `similar`.
        """
        found = [
            similar_stores(
                fit.then[fit.then["store_id"] == store_id],
                fit.then,
                fit.centres.blocks,
                most=most,
            ).assign(category=category)
            for category, fit in self._fits.items()
            if store_id in set(fit.then["store_id"])
        ]
        return typed_frame(found, {"category": "str"} | SIMILAR)

    def score(
        self, stores: pd.DataFrame, sales: pd.DataFrame, external: pd.DataFrame
    ) -> pd.DataFrame:
        """Return the clusters of stores whose features are in long form.

        Parameters
        ----------
        stores : DataFrame
            The rows wanted: store_id, category.
        sales, external : DataFrame
            See `ml.scoring.score_stores`.

        Returns
        -------
        DataFrame
            As of `ml.scoring.score_stores`, with cluster_name, next_best_name, up to
            three reasons, and doubts, in words.
        """
        stores = stores.assign(split_value=self._split_values(stores, external))
        scores = score_stores(stores, sales, external, self._fits)
        return self._words.add(scores, sales, external)

    def _rows(
        self, ids: Sequence[str], sales: pd.DataFrame, categories: Sequence[str]
    ) -> pd.DataFrame:
        """Return the stores and categories that are asked for."""
        wanted = list(categories) or self.categories
        keys = pd.MultiIndex.from_product([ids, wanted], names=["store_id", "category"])
        rows = keys.to_frame(index=False)
        if categories:
            return rows
        is_sold = keys.isin(pd.MultiIndex.from_frame(sales[["store_id", "category"]]))
        sells = rows["store_id"].isin(sales["store_id"])
        return rows[is_sold | ~sells].reset_index(drop=True)

    def _split_values(self, stores: pd.DataFrame, external: pd.DataFrame) -> np.ndarray:
        """Return the value that tells a store's part of a split category.

        Null where no rule splits the category, and where the store has no such value:
        one of the run has that of then.
        """
        categories = self.tables["categories"].set_index("category")
        rows = stores[["store_id", "category"]].assign(
            feature=stores["category"].map(categories["split_feature"])
        )
        if rows["feature"].isna().all():
            return np.full(len(stores), None, dtype=object)
        text = external["value"].astype(str).str.removesuffix(".0")
        values = external.assign(text=external["level"].fillna(text))
        everywhere = values[values["category"].isna()]
        found = rows.merge(
            everywhere[["store_id", "feature", "text"]].drop_duplicates(),
            how="left",
            on=["store_id", "feature"],
        )["text"].astype(object)
        known = set(self.tables["stores"]["store_id"])
        is_new = ~stores["store_id"].isin(known).to_numpy() & rows["feature"].notna()
        return found.mask(found.isna() & is_new, UNKNOWN).to_numpy()
