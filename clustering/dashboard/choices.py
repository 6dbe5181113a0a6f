"""Choices in the side bar. Each one is in the address too, so that it can be linked."""

import html
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import streamlit as st

from clustering.dashboard import published, versions
from clustering.dashboard.published import Run
from clustering.presentation import palette, words
from clustering.queries import clusters
from clustering.queries.selection import list_categories
from clustering.store.versions import Version

Option = TypeVar("Option", str, int)


def choose(
    label: str,
    options: Sequence[Option],
    *,
    key: str,
    show: Callable[[Option], str] = str,
    default: Option | None = None,
    help: str | None = None,
) -> Option:
    """Let one of ``options`` be chosen in the side bar.

    What the address says under ``key`` comes first, then what was chosen on another
    page, then ``default``, then the first of the options.
    """
    widget, seen = f"choice_{key}", f"chosen_{key}"
    state, linked = st.session_state, st.query_params.get(key)
    by_name = {str(option): option for option in options}
    fallback = str(options[0] if default is None else default)
    wanted = state.get(widget)
    # an address that this page did not write: a link, or the browser's way back
    if wanted is None or (linked is not None and linked != state.get(seen)):
        wanted = linked or state.get(seen)
    state[widget] = wanted if wanted in by_name else fallback
    name = st.sidebar.selectbox(
        label,
        list(by_name),
        format_func=lambda name: show(by_name[name]),
        key=widget,
        help=help,
    )
    state[seen] = name
    if linked != name:
        st.query_params[key] = name
    return by_name[name]


def choose_run(folder: Path) -> Run | None:
    """Let one of the runs that are kept be chosen; None where none is published."""
    latest = published.current(folder)
    if latest is None:
        return None
    runs = {run.name: run for run in published.kept(folder)} | {latest.name: latest}
    known = versions.by_run(folder)
    run = latest
    if len(runs) > 1:
        names = [latest.name] + [name for name in runs if name != latest.name]
        chosen = choose(
            "Run",
            ["latest", *names[1:]],
            key="run",
            show=lambda name: versions.label(runs.get(name, latest), known),
        )
        run = runs.get(chosen, latest)
    _say_how_old(run, latest=latest, version=known.get(run.name))
    return run


def choose_category(run: Run, *, table: str = "cluster_summary") -> str:
    """Let one of the categories of ``table`` be chosen."""
    categories = list_categories(run, table=table)
    return choose("Category", categories, key="category")


def choose_cluster(run: Run, category: str) -> int:
    """Let one of the clusters of a category be chosen."""
    names = clusters.names(run, category)
    return choose(
        "Cluster",
        list(names),
        key="cluster",
        show=lambda cluster_id: f"{cluster_id} · {names[cluster_id]}",
    )


def show_legend(names: dict[int, str]) -> None:
    """Show the clusters with their colours."""
    entries = "".join(
        f"<span>{palette.swatch(cluster_id)} <b>{cluster_id}</b> {html.escape(name)}"
        "</span>"
        for cluster_id, name in names.items()
    )
    st.html(
        "<div style='display:flex;flex-wrap:wrap;gap:.15rem 1.2rem;font-size:.875rem'>"
        f"{entries}</div>"
    )


def _say_how_old(run: Run, *, latest: Run, version: Version | None) -> None:
    now = datetime.now(UTC)
    old = words.age(now - run.built_at)
    st.sidebar.caption(f"Built {words.moment(run.built_at)}, {old}.")
    if run != latest:
        st.warning(
            f"{_what_it_is(run, version)} Readers have the run of"
            f" {words.moment(latest.built_at)}.",
            icon=":material/history:",
        )
    elif stale := words.staleness(run.built_at, now=now):
        st.warning(stale, icon=":material/schedule:")


def _what_it_is(run: Run, version: Version | None) -> str:
    built = words.moment(run.built_at)
    if version is None:
        return f"You look at an earlier run, of {built}."
    said = words.plain(versions.say_state(version))
    return f"You look at the run of {built}. {said}."
