"""Overview: the run in figures, and every category with its clusters."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st

from clustering.core.words import label
from clustering.dashboard import tables
from clustering.dashboard.choices import choose_category
from clustering.dashboard.published import Run
from clustering.dashboard.view import View
from clustering.dashboard.views import (
    clusters,
    recommendations,
    store,
    store_map,
    versions,
)
from clustering.presentation import words
from clustering.presentation.charts import overview as charts
from clustering.presentation.style import ACCENT
from clustering.queries import overview, stores

FACTS = {"run", "run_tests"}


def render(run: Run) -> None:
    """Show the page."""
    _show_totals(overview.totals(run), overview.currency(run))
    _show_state(run)
    _find_store(run)
    category = choose_category(run)
    _show_clusters(run, category)
    _show_hand_over(run, category)
    _show_categories(run)
    st.header("Cluster sizes", anchor=False)
    st.altair_chart(charts.sizes(overview.sizes(run)))
    _show_agreement(run)


def _show_totals(totals: pd.Series, currency: str) -> None:
    quarantined = totals["rows_quarantined"] / max(totals["rows_read"], 1)
    figures = {
        "Stores": words.number(totals["stores"]),
        "Categories": words.number(totals["categories"]),
        "Clusters": words.number(totals["clusters"]),
        "Sales": words.money(words.short_number(totals["sales"]), currency),
        "Rows quarantined": words.number(totals["rows_quarantined"]),
    }
    helps = {
        "Sales": words.money(words.number(totals["sales"], decimals=2), currency),
        "Rows quarantined": f"Rows that break the input contract:"
        f" {words.percent(quarantined, decimals=3)} of"
        f" {words.number(totals['rows_read'])} rows of input.",
    }
    tables.show_figures(figures, helps=helps)


def _show_state(run: Run) -> None:
    """Say when, how and from what code the run was built."""
    if not run.tables >= FACTS:
        st.caption(f"Run {run.name}.")
        return
    facts = overview.provenance(run)
    built = (
        f"Built {words.moment(run.built_at)} in"
        f" {words.number(facts['seconds'])} seconds, by version"
        f" {facts['code_version']}, as run {facts['run_id'][:12]}."
    )
    warned = words.count(int(facts["warning_count"]), "warning")
    tests = f"{words.number(facts['test_count'])} tests of the data passed, {warned}."
    st.caption(words.plain(f"{built} {tests}"))


def _find_store(run: Run) -> None:
    """Find stores by number or any text of store_attributes; a row leads there."""
    text = st.text_input(
        "Find a store",
        placeholder="Number, city, postcode, name or attribute",
        icon=":material/search:",
    )
    if not text.strip():
        return
    found = stores.search(run, text)
    if found.empty:
        st.info("No store has that in its number or texts.", icon=":material/search:")
        return
    event = tables.show(
        found,
        FOUND,
        currency=overview.currency(run),
        column_order=list(FOUND),
        on_select="rerun",
        selection_mode="single-row",
        key="found stores",
    )
    st.caption("Choose a row to see the store.")
    if rows := event.selection.rows:
        store.VIEW.open(store=found["store_id"].iloc[rows[0]])


def _show_clusters(run: Run, category: str) -> None:
    """Show the clusters of one category by name; a row leads to the cluster."""
    st.header(f"Clusters of {words.plain(category)}", anchor=False)
    found = overview.clusters(run, category)
    event = tables.show(
        found,
        CLUSTERS,
        currency=overview.currency(run),
        coloured=["cluster_id"],
        column_order=list(CLUSTERS),
        on_select="rerun",
        selection_mode="single-row",
        key="clusters",
    )
    st.caption("Choose a row to see the cluster; another category is on the left.")
    if rows := event.selection.rows:
        chosen = int(found["cluster_id"].iloc[rows[0]])
        clusters.VIEW.open(category=category, cluster=chosen)


def _show_hand_over(run: Run, category: str) -> None:
    """Link to where the stores are and what to do; offer the category as a report."""
    with st.container(horizontal=True, vertical_alignment="center"):
        store_map.VIEW.link("Where they are", category=category)
        recommendations.VIEW.link("What to do", category=category)
        versions.VIEW.link("Which version is live")
        st.download_button(
            "Report of this category",
            lambda: _draw_report(run, category),
            file_name=f"{category} {run.name}.html",
            mime="text/html",
            icon=":material/description:",
            on_click="ignore",
        )


def _draw_report(run: Run, category: str) -> bytes:
    """Return the category as a page to hand to a buyer."""
    from clustering.export.report import write_report  # its drawing is slow to import

    with TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        write_report(run, file, categories=[category])
        return file.read_bytes()


def _show_categories(run: Run) -> None:
    categories = overview.categories(run)
    st.header("Categories", anchor=False)
    event = tables.show(
        categories.assign(
            verdict=categories["verdict_code"].map(partial(label, "verdict_label")),
            found=_found(categories),
        ),
        COLUMNS,
        currency=overview.currency(run),
        column_order=list(COLUMNS),
        on_select="rerun",
        selection_mode="single-row",
        key="categories",
    )
    if rows := event.selection.rows:
        clusters.VIEW.open(category=categories["category"].iloc[rows[0]])
    st.caption("Choose a row to see its first cluster.")
    tables.offer(categories.drop(columns="sizes"), "categories")


def _found(categories: pd.DataFrame) -> pd.Series:
    """Say how many clusters are reproduced when stores are resampled."""
    counts = categories[["stable_cluster_count", "cluster_count"]].astype(str)
    return counts["stable_cluster_count"] + " of " + counts["cluster_count"]


def _show_agreement(run: Run) -> None:
    if "category_agreement" not in run.tables:  # an earlier version wrote it
        return
    agreement = overview.agreement(run)
    if agreement.empty:  # one category
        return
    st.header("Agreement between categories", anchor=False)
    measure = st.radio(
        "Clusters to compare",
        list(AGREEMENT),
        format_func=AGREEMENT.get,
        horizontal=True,
        label_visibility="collapsed",
    )
    with st.container(key="agreement"):  # scrolls where it is wider than the page
        st.altair_chart(charts.agreement(agreement, measure), width="content")
    st.caption(ABOUT_AGREEMENT)
    tables.offer(agreement, "agreement of categories")


AGREEMENT = {
    "final_agreement": "Final",
    "internal_agreement": "Internal",
    "external_agreement": "External",
}
ABOUT_AGREEMENT = (
    "Adjusted Rand index of the stores that both categories have: 1 where they are in"
    " the same clusters, about 0 where the clusters of one say nothing about those of"
    " the other. Categories near 1 can be planned together."
)

COLUMNS = {
    "category": st.column_config.TextColumn("Category", width=130),
    "store_count": tables.whole("Stores", width=60),
    "sales": tables.whole("Sales", width=95),
    "cluster_count": tables.whole("Clusters", width=65),
    "sizes": st.column_config.BarChartColumn(
        "Sizes", width=110, y_min=0, color=ACCENT, help="Stores of each cluster."
    ),
    "silhouette": tables.decimal("Silhouette", width=75),
    "retention": tables.share(
        "Kept", width=60, help="Stores that kept their cluster since the run before."
    ),
    "found": st.column_config.TextColumn(
        "Firm",
        width=90,
        help="Clusters that are reproduced when stores are resampled.",
    ),
    "verdict": st.column_config.TextColumn("Verdict", width=110),
}

FOUND = {
    "store_id": st.column_config.TextColumn("Store", width=80),
    "found": st.column_config.TextColumn("Found in", width=260),
    "categories": tables.whole("Categories", width=80),
    "sales": tables.whole("Sales", width=110),
}
CLUSTERS = {
    "cluster_id": st.column_config.NumberColumn("Cluster", width=55),
    "cluster_name": st.column_config.TextColumn("Name", width=235),
    "store_count": tables.whole("Stores", width=55),
    "sales": tables.whole("Sales", width=95),
    "sales_share": tables.share("Of sales", width=65),
    "stability_band": st.column_config.TextColumn(
        "Trust", width=95, help="Whether it is reproduced when stores are resampled."
    ),
    "change": st.column_config.TextColumn(
        "Since before", width=85, help="Compared with the version that was live."
    ),
    "sells": st.column_config.TextColumn("What sells most", width=310),
}

VIEW = View(
    title="Overview",
    path="overview",
    icon=":material/dashboard:",
    tables=(
        "store_clusters",
        "cluster_summary",
        "cluster_quality",
        "input_reconciliation",
    ),
    render=render,
    about="The run in figures, and the clusters of each category.",
)
