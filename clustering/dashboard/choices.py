"""Choices in the sidebar. Each is part of the address too, so that it can be linked."""

import html
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import streamlit as st

from clustering.dashboard.published import (
    Run,
    current,
    describe_state,
    kept,
    short_name,
    versions_by_run,
)
from clustering.presentation import style, words
from clustering.queries import clusters
from clustering.queries.selection import list_categories
from clustering.store.versions import APPROVED, SUPERSEDED, Version

Option = TypeVar("Option", str, int)

ONLY_ONE_RUN = (
    "Only one run is kept, so there is nothing to compare it with. Make another with"
    " other settings (`clustering run --param max_clusters=6`) or newer input"
    " (`clustering run`); this page shows both as soon as it is published."
)


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


def set_choice(key: str, option: object) -> None:
    """Choose an option of a select box; for callbacks, which run before the page."""
    st.session_state[f"choice_{key}"] = str(option)


def choose_run(folder: Path) -> Run | None:
    """Let one of the runs that are kept be chosen; None where none is published."""
    latest = current(folder)
    if latest is None:
        return None
    runs = {run.name: run for run in kept(folder)} | {latest.name: latest}
    known = versions_by_run(folder)
    run = latest
    if len(runs) > 1:
        names = [latest.name] + [name for name in runs if name != latest.name]
        chosen = choose(
            "Run",
            ["latest", *names[1:]],
            key="run",
            show=lambda name: short_name(runs.get(name, latest), known),
        )
        run = runs.get(chosen, latest)
    _show_age(run, latest=latest, version=known.get(run.name))
    return run


def choose_other(
    run: Run, *, tables: Iterable[str], of_scenarios: bool = False
) -> Run | None:
    """Let another run that is kept be chosen; None where none has these tables.

    The default is the live version. Where ``run`` is live itself, it is the newest
    scenario if ``of_scenarios``, else the version that was live before, else the run
    before or the newest.
    """
    folder = run.folder.parents[1]
    others = [
        other
        for other in kept(folder)
        if other.folder != run.folder and other.tables.issuperset(tables)
    ]
    if not others:
        return None
    by_name = {other.name: other for other in others}
    known = versions_by_run(folder)
    name = choose(
        "Compare with",
        list(by_name),
        key="with",
        show=lambda name: short_name(by_name[name], known),
        default=_default(run, list(by_name), known, of_scenarios=of_scenarios),
    )
    return by_name[name]


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
        f"<span>{style.swatch(cluster_id)} <b>{cluster_id}</b> {html.escape(name)}"
        "</span>"
        for cluster_id, name in names.items()
    )
    st.html(
        "<div style='display:flex;flex-wrap:wrap;gap:.15rem 1.2rem;font-size:.875rem'>"
        f"{entries}</div>"
    )


def _show_age(run: Run, *, latest: Run, version: Version | None) -> None:
    now = datetime.now(UTC)
    old = words.age(now - run.built_at)
    st.sidebar.caption(f"Built {words.moment(run.built_at)}, {old}.")
    if run != latest:
        st.warning(
            f"{_describe_run(run, version)} The live version was built"
            f" {words.moment(latest.built_at)}.",
            icon=":material/history:",
        )
    elif stale := words.staleness(run.built_at, now=now):
        st.warning(stale, icon=":material/schedule:")


def _describe_run(run: Run, version: Version | None) -> str:
    built = words.moment(run.built_at)
    if version is None:
        return f"This is an earlier run, of {built}."
    return f"This is the run of {built}. {words.plain(describe_state(version))}."


def _default(
    run: Run, names: list[str], known: dict[str, Version], *, of_scenarios: bool
) -> str:
    """Return the first of the names, the newest first, that is worth comparing with."""
    before = [name for name in names if name < run.name]
    states = {name: known[name].state for name in names if name in known}
    scenarios = [name for name in states if of_scenarios and known[name].scenario]
    wanted = [
        *(name for name in names if states.get(name) == APPROVED),
        *scenarios,
        *(name for name in before if states.get(name) == SUPERSEDED),
        *before,
        *names,
    ]
    return wanted[0]
