"""The tools of the server: each reads the live version, and none writes.

Started by ``clustering mcp``, which speaks over standard input and output, as
assistants on the same machine start it. The tools take names, numbers and SELECT
statements, never a path.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path

import pandas as pd
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from clustering.core.errors import ArgumentError, CommandError
from clustering.mcp.answers import Answer, Recorder
from clustering.queries import (
    ad_hoc,
    catalog,
    clusters,
    overview,
    recommendations,
    selection,
    stores,
)
from clustering.queries import quality as data_quality
from clustering.store.runs import current_run

INSTRUCTIONS = """\
Store clusters of a retailer: in each product category, every store is in one cluster
of stores that sell alike and are surrounded alike. Each answer names the published run,
the tables and the SQL that it was read with; give them when you state a figure. Shares
are 0 to 1. Begin with list_categories; where no other tool has the answer, use
list_tables, describe_table and query."""
READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, open_world_hint=False
)


def make_server(published: Path) -> MCPServer:
    """Return a server that answers from the live version of a published folder."""
    server = MCPServer(
        "store-clustering", instructions=INSTRUCTIONS, log_level="WARNING"
    )
    tools = Tools(published)
    for tool in (
        tools.list_categories,
        tools.list_clusters,
        tools.describe_cluster,
        tools.compare_clusters,
        tools.list_recommendations,
        tools.list_stores,
        tools.explain_store,
        tools.data_quality,
        tools.list_tables,
        tools.describe_table,
        tools.query,
    ):
        server.add_tool(one_line_errors(tool), annotations=READS)
    return server


def one_line_errors(tool: Callable[..., Answer]) -> Callable[..., Answer]:
    """Hand an error that a user can act on to the assistant."""

    @wraps(tool)
    def answer(*arguments: object, **named: object) -> Answer:
        try:
            return tool(*arguments, **named)
        except CommandError as error:
            raise ToolError(str(error)) from None

    return answer


class Tools:
    """What an assistant can ask.

    Parameters
    ----------
    published : Path
        The published folder.
    """

    def __init__(self, published: Path) -> None:
        self._published = published

    def list_categories(self) -> Answer:
        """List the categories: stores, clusters, sales, quality and verdict of each."""
        run = self._run()
        return run.answer(overview.categories(run))

    def list_clusters(self, category: str) -> Answer:
        """List the clusters of a category: name, stores, sales and stability."""
        run = self._run()
        found = selection.find_category(run.run, category)
        return run.answer(clusters.summary(run, found))

    def describe_cluster(self, category: str, cluster_id: int) -> Answer:
        """Say what sets a cluster apart from its category, the strongest first.

        index_value is 100 where it is as the average of the category.
        """
        run, category = self._cluster(category, cluster_id)
        return run.answer(clusters.profile(run, category, cluster_id, features=30))

    def compare_clusters(
        self, category: str, cluster_id: int, other_cluster_id: int
    ) -> Answer:
        """Say how two clusters of a category differ, the largest difference first."""
        run, category = self._cluster(category, cluster_id)
        self._cluster(category, other_cluster_id)
        frames = [
            clusters.profile(run, category, number, features=clusters.ALL)
            for number in (cluster_id, other_cluster_id)
        ]
        return run.answer(_differences(*frames))

    def list_recommendations(self, category: str, cluster_id: int) -> Answer:
        """List what to do in the stores of a cluster, with the evidence."""
        run, category = self._cluster(category, cluster_id)
        found = recommendations.recommendations(
            run,
            category,
            areas=recommendations.AREAS,
            priorities=tuple(recommendations.PRIORITIES),
        )
        return run.answer(found[found["cluster_id"] == cluster_id])

    def list_stores(self, category: str, cluster_id: int, offset: int = 0) -> Answer:
        """List the stores of a cluster, 200 at a time from an offset on."""
        run, category = self._cluster(category, cluster_id)
        found = stores.members(run, category, cluster_id)
        answer = run.answer(found.iloc[max(offset, 0) :])
        return answer.model_copy(update={"row_count": len(found)})

    def explain_store(self, store_id: str, category: str | None = None) -> Answer:
        """Say in which clusters a store is, how surely, what is next best, and why."""
        run = self._run()
        places = stores.categories(run, store_id)
        if places.empty:
            raise ArgumentError(f"no store {store_id!r}")
        if category is not None:
            found = selection.find_category(run.run, category)
            places = places[places["category"] == found]
        reasons = stores.reasons(run, store_id).groupby("category")["reason"].agg(list)
        return run.answer(places.assign(reasons=places["category"].map(reasons)))

    def data_quality(self) -> Answer:
        """Say how many rows and sales of each input table were used or quarantined."""
        run = self._run()
        return run.answer(data_quality.reconciliation(run))

    def list_tables(self) -> Answer:
        """List the tables of the run, with what a row of each is."""
        run = self._run()
        return run.answer(catalog.tables(run))

    def describe_table(self, table: str) -> Answer:
        """List the columns of a table, with what they mean."""
        run = self._run()
        if table not in run.tables:
            there = ", ".join(sorted(run.tables))
            raise ArgumentError(f"no table {table!r}; there are: {there}")
        return run.answer(catalog.columns(run, table))

    def query(self, sql: str) -> Answer:
        """Run one SELECT of DuckDB over the tables of the run; at most 200 rows."""
        run = self._run()
        found = ad_hoc.ask(run.run, sql)
        return Answer(
            run=run.run.name,
            built_at=run.run.built_at,
            tables=list(found.tables),
            sql=[found.sql],
            rows=found.rows,
            row_count=len(found.rows) + found.is_cut,
        )

    def _run(self) -> Recorder:
        run = current_run(self._published)
        if run is None:
            raise CommandError("nothing is published yet; run: clustering run")
        return Recorder(run)

    def _cluster(self, category: str, cluster_id: int) -> tuple[Recorder, str]:
        """Return the run, and the category as it spells it, if it has the cluster."""
        run = self._run()
        found = selection.select(run.run, category=category, cluster=cluster_id)
        assert found.category is not None
        return run, found.category


def _differences(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return one row per feature of two clusters, the one that differs most first."""
    keys = ["block", "feature", "label", "category_mean"]
    figures = [*keys, "cluster_mean", "standard_difference"]
    both = one[figures].merge(
        other[figures], how="outer", on=keys, suffixes=("", "_other")
    )
    apart = both["standard_difference"] - both["standard_difference_other"]
    order = apart.abs().sort_values(ascending=False, kind="stable").index
    return both.assign(difference=apart).loc[order].head(30)
