"""Scenarios: two runs side by side, with other settings or other input."""

import html
from pathlib import Path

import pandas as pd
import streamlit as st

from clustering.dashboard import tables
from clustering.dashboard.approval import Approval
from clustering.dashboard.choices import ONLY_ONE_RUN, choose_category, choose_other
from clustering.dashboard.published import Run, long_name, versions_by_run
from clustering.dashboard.view import View
from clustering.dashboard.views import versions as decide
from clustering.presentation import words
from clustering.presentation.charts import comparison as charts
from clustering.queries import comparison
from clustering.store.versions import WAITING, Version, find_scenario


def render(run: Run) -> None:
    """Show the page."""
    other = choose_other(run, tables=VIEW.tables, of_scenarios=True)
    if other is None:
        st.info(ONLY_ONE_RUN, icon=":material/compare:")
        return
    published = run.folder.parents[1]
    known = versions_by_run(published)
    _show_runs(run, other, known)
    _show_promotion([run, other], known, published)
    quality = _compare(run, other)
    _show_figures(quality)
    _show_settings(comparison.settings(run, other))
    _show_charts(quality)
    _show_quality(quality)
    _show_sales(run, other)


@st.cache_data(
    max_entries=20, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)}
)
def _compare(run: Run, other: Run) -> pd.DataFrame:
    """Return the figures of both runs; another category does not change them."""
    return comparison.quality(run, other)


def _show_runs(run: Run, other: Run, known: dict[str, Version]) -> None:
    named = [html.escape(long_name(shown, known)) for shown in (run, other)]
    st.html(
        f"<span style='color:{charts.NOW}'>&#9679;</span>"
        f" <b>this run</b>, {named[0]} &emsp;"
        f"<span style='color:{charts.OTHER}'>&#9675;</span>"
        f" <b>other run</b>, {named[1]}"
    )


def _show_promotion(
    runs: list[Run], known: dict[str, Version], published: Path
) -> None:
    """Say how a scenario among the runs, if one is, goes live."""
    for version in (known[run.name] for run in runs if run.name in known):
        if version.scenario is None or version.state not in WAITING:
            continue
        is_newest = find_scenario(published, version.scenario) == version.run
        named = version.scenario if is_newest else version.run
        command = Approval.from_environment().command("approve", named)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"To make this scenario live: `{command}`", width="content")
            decide.VIEW.link("or on the page Versions", version=str(version.number))


def _show_figures(quality: pd.DataFrame) -> None:
    shared = quality.dropna(subset=["cluster_count", "other_cluster_count"])
    figures = {
        "Clusters": _both(shared, "cluster_count", "sum", decimals=0),
        "Mean silhouette": _both(shared, "silhouette", "mean", decimals=3),
        "Firm": _both(shared, "stable_share", "mean", decimals=2),
        "Agreement": (
            words.number(shared["agreement"].mean(), decimals=2),
            f"over {len(shared)} categories of both",
        ),
    }
    helps = {
        "Firm": "Share of the clusters that are reproduced when stores are"
        " resampled, over the categories.",
        "Agreement": "Mean adjusted Rand index over the stores of both runs: 1 is the"
        " same clusters, 0 no more alike than by chance.",
    }
    tables.show_figures(figures, helps=helps)


def _both(
    quality: pd.DataFrame, measure: str, how: str, *, decimals: int
) -> tuple[str, str]:
    now, other = quality[measure].agg(how), quality[f"other_{measure}"].agg(how)
    below = f"{words.number(other, decimals=decimals)} in the other run"
    return words.number(now, decimals=decimals), below


def _show_settings(settings: pd.DataFrame) -> None:
    st.header("Different settings", anchor=False)
    if settings.empty:
        st.info("None: what differs comes from the input.", icon=":material/tune:")
        return
    tables.show(settings, COLUMNS)


def _show_charts(quality: pd.DataFrame) -> None:
    if len(quality) > CHARTED:
        st.caption(
            f"The {CHARTED} categories that differ most; the table below has all"
            f" {len(quality)}."
        )
        quality = quality.nsmallest(CHARTED, "agreement").sort_values("category")
    titles = ("Silhouette", "Number of clusters", "Agreement")
    charted = (
        charts.pairs(
            quality, "silhouette", title="Mean silhouette", format=".2f", step=0.01
        ),
        charts.pairs(
            quality, "cluster_count", title="Final clusters", format="d", step=1
        ),
        charts.agreement(quality),
    )
    for column, title, chart in zip(
        st.columns(3, gap="medium"), titles, charted, strict=True
    ):
        with column:
            st.markdown(f"**{title}**")
            st.altair_chart(chart)


def _show_quality(quality: pd.DataFrame) -> None:
    figures = [name for name in quality if f"other_{name}" in quality]
    pairs = [column for name in figures for column in (name, f"other_{name}")]
    tables.show(quality, COLUMNS, column_order=["category", "agreement", *pairs])
    tables.offer(quality, "scenarios")


def _show_sales(run: Run, other: Run) -> None:
    st.header("Sales of each cluster", anchor=False)
    category = choose_category(run)
    frames = [comparison.sales(shown, category) for shown in (run, other)]
    titles = ("This run", "Other run")
    for column, title, frame in zip(
        st.columns(2, gap="medium"), titles, frames, strict=True
    ):
        with column:
            st.markdown(f"**{title}: {words.plain(category)}**")
            _show_sales_of(frame)


def _show_sales_of(frame: pd.DataFrame) -> None:
    if frame.empty:
        st.info("This run does not have the category.")
        return
    st.altair_chart(charts.sales(frame))
    tables.show(
        frame,
        COLUMNS,
        coloured=["cluster_id"],
        column_order=[
            "cluster_id",
            "store_count",
            "sales_share",
            "cumulative_share",
            "cluster_name",
        ],
        height=220,
    )


# Most categories in a chart.
CHARTED = 20
COLUMNS = {
    "name": "Setting",
    "value": "This run",
    "other_value": "Other run",
    "category": "Category",
    "internal_k": st.column_config.NumberColumn("Internal k"),
    "other_internal_k": st.column_config.NumberColumn("other"),
    "external_k": st.column_config.NumberColumn("External k"),
    "other_external_k": st.column_config.NumberColumn("other"),
    "cluster_count": st.column_config.NumberColumn("Clusters"),
    "other_cluster_count": st.column_config.NumberColumn("other"),
    "silhouette": tables.decimal("Silhouette", decimals=3),
    "other_silhouette": tables.decimal("other", decimals=3),
    "stable_share": tables.share("Firm"),
    "other_stable_share": tables.share("other"),
    "stable_sales_share": tables.share("Sales in firm"),
    "other_stable_sales_share": tables.share("other"),
    "agreement": tables.decimal("Agreement"),
    "cluster_id": st.column_config.NumberColumn("Cluster", width=60),
    "cluster_name": "Name",
    "store_count": tables.whole("Stores"),
    "sales": tables.whole("Sales"),
    "sales_share": tables.share("Of sales"),
    "cumulative_share": tables.share("Cumulative"),
}

VIEW = View(
    title="Scenarios",
    path="scenarios",
    icon=":material/compare:",
    tables=("run_settings", "cluster_quality", "cluster_summary", "store_clusters"),
    render=render,
    about="Two runs side by side, made with other settings or other input.",
)
