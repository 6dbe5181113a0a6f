"""Versions: which one is live, which await a decision, and that decision."""

from pathlib import Path

import pandas as pd
import streamlit as st

from clustering.core.errors import CommandError
from clustering.dashboard import login, tables
from clustering.dashboard.approval import Approval
from clustering.dashboard.choices import choose
from clustering.dashboard.published import (
    Run,
    current,
    describe_state,
    kept,
    version_title,
    versions_by_run,
)
from clustering.dashboard.view import View
from clustering.dashboard.views import migrations
from clustering.presentation import words
from clustering.queries import versions
from clustering.store.versions import (
    APPROVED,
    CREATED,
    READY,
    REJECTED,
    SUPERSEDED,
    WAITING,
    Version,
    find_served,
    find_waiting,
    oddities,
)

# Key of the outcome of a decision, which is shown once the page runs again.
OUTCOME = "outcome of a decision"
DRIFT = {"category_drift", "feature_drift"}


def choose_version(published: Path) -> Run | None:
    """Let a kept version be chosen; the default is the one that awaits a decision."""
    runs = {run.name: run for run in kept(published)}
    there = {
        version.number: version
        for version in versions_by_run(published).values()
        if version.run in runs
    }
    if not there:
        return None
    known = list(there.values())
    first = find_waiting(known) or find_served(known) or known[0]
    number = choose(
        "Version",
        list(there),
        key="version",
        show=lambda number: version_title(there[number]),
        default=first.number,
    )
    return runs[there[number].run]


def render(run: Run) -> None:
    """Show the page."""
    published = run.folder.parents[1]
    known = versions_by_run(published)
    served = current(published)
    _show_states(list(known.values()))
    _show_version(run, known[run.name])
    if served is None:
        st.info("Nothing is live yet to compare it with.", icon=":material/inbox:")
    elif run != served:
        _show_changes(run, served, known)
    _show_decision(known[run.name], published)
    _show_history(list(known.values()), published)


def _show_states(known: list[Version]) -> None:
    served, waiting = find_served(known), find_waiting(known)
    scenarios = [
        version.scenario
        for version in known
        if version.scenario and version.state in WAITING
    ]
    figures = {
        "Live": (
            f"Version {served.number}" if served else "None",
            f"since {words.moment(served.effective_from)}" if served else "nothing yet",
        ),
        "Awaiting a decision": _say_waiting(waiting, len(scenarios)),
        "Scenarios": (
            words.number(len(scenarios)),
            ", ".join(dict.fromkeys(scenarios)) or "none tried",
        ),
    }
    tables.show_figures(figures)


def _say_waiting(waiting: Version | None, scenarios: int) -> tuple[str, str]:
    """Say what waits: a scenario does, too, though it replaces nothing by itself."""
    tried = words.count(scenarios, "scenario")
    if waiting is None:
        return (tried, "no version") if scenarios else ("None", "nothing newer")
    created = f"created {words.moment(waiting.created_at)}"
    more = f", and {tried}" if scenarios else ""
    return f"Version {waiting.number}", f"{created}{more}"


def _show_version(run: Run, version: Version) -> None:
    st.header(words.plain(describe_state(version)), anchor=False)
    st.caption(f"Built {words.moment(run.built_at)}, as run {run.name}.")
    if version.state == CREATED and version.reason:
        unmet = words.plain(version.reason)
        st.warning(
            f"It does not meet the auto-approval policy: {unmet}.",
            icon=":material/rule:",
        )
    elif version.state == READY:
        st.markdown("It meets the auto-approval policy; a person decides about it.")
        for odd in oddities(version):
            st.warning(words.plain(f"Quality gate {odd}."), icon=":material/rule:")
    elif version.state in (REJECTED, SUPERSEDED, APPROVED):
        st.markdown(words.plain(_who_decided(version)))


def _who_decided(version: Version) -> str:
    why = f": {version.reason}" if version.reason else ""
    if version.state == REJECTED:
        at = words.moment(version.decided_at)
        return f"{version.decided_by} rejected it on {at}{why}."
    since = words.moment(version.effective_from)
    approved = f"Approved by {version.decided_by}{why}."
    if version.effective_to:
        until = words.moment(version.effective_to)
        return f"{approved} It was live from {since} to {until}."
    return f"{approved} It has been live since {since}."


def _show_changes(run: Run, served: Run, known: dict[str, Version]) -> None:
    version, now = known[run.name], known[served.name]
    changes = versions.changes(run, served)
    _show_figures(changes)
    # drift that led to a superseded version does not matter for restoring it
    has_drift = version.state != SUPERSEDED and run.tables >= DRIFT
    if has_drift:
        changes = changes.merge(versions.drift(run), on="category", how="left")
    left, right = st.columns([5, 4], gap="medium")
    with left:
        st.markdown(f"**What it changes against version {now.number}, by category**")
        tables.show(
            changes,
            CHANGES,
            column_order=[name for name in CHANGES if name in changes],
        )
        tables.offer(changes, f"changes of version {version.number}")
        migrations.VIEW.link("Which stores move", run=run.name, **{"with": served.name})
    with right:
        if has_drift:
            _show_drift(run)


def _show_figures(changes: pd.DataFrame) -> None:
    lowest = changes.iloc[0]
    stayed, shared = changes["stayed"].sum(), changes["shared"].sum()
    figures = {
        "Keep their cluster": (
            words.percent(stayed / max(shared, 1)),
            f"{words.number(stayed)} of {words.number(shared)}",
        ),
        "Fewest keep it in": (words.percent(lowest["retention"]), lowest["category"]),
        "Clusters": _both(changes, "cluster_count", "sum", decimals=0),
        "Mean silhouette": _both(changes, "silhouette", "mean", decimals=3),
    }
    tables.show_figures(figures, helps=HELPS)


HELPS = {
    "Keep their cluster": "Of the stores in both versions, counted once per category.",
}


def _both(
    changes: pd.DataFrame, measure: str, how: str, *, decimals: int
) -> tuple[str, str]:
    new, live = changes[measure].agg(how), changes[f"served_{measure}"].agg(how)
    below = f"live: {words.number(live, decimals=decimals)}"
    return words.number(new, decimals=decimals), below


def _show_drift(run: Run) -> None:
    st.markdown("**Features that shifted since the last live version**")
    shifted = versions.shifted_features(run)
    if shifted.empty:
        st.success("None: the input is as before.", icon=":material/check:")
        return
    tables.show(shifted, SHIFTED, column_order=list(SHIFTED))
    tables.offer(shifted, "shifted features")


def _show_decision(version: Version, published: Path) -> None:
    _show_outcome()
    if version.state == APPROVED:
        st.caption(
            "To replace it, choose another version on the left and approve that one."
        )
        return
    st.header("Decide", anchor=False)
    approval = Approval.from_environment()
    if obstacle := approval.find_obstacle(published):
        st.info(f"{obstacle}. By command:", icon=":material/terminal:")
        verbs = ["approve", "reject"] if version.state in WAITING else ["approve"]
        commands = [approval.command(verb, version.run) for verb in verbs]
        st.code("\n".join(commands), language=None, wrap_lines=True)
        return
    if login.ask():
        _show_form(version, published, approval)


def _show_form(version: Version, published: Path, approval: Approval) -> None:
    # a decision by someone else replaces the form by an empty one
    key = f"{version.run} {version.state} {version.decided_at}"
    with st.form(key, enter_to_submit=False):
        left, right = st.columns([1, 2])
        by = login.known_name() or left.text_input("Your name", key=f"{key} by")
        reason = right.text_input(
            "Reason", placeholder="Kept with the decision", key=f"{key} reason"
        )
        with st.container(horizontal=True):
            is_superseded = version.state == SUPERSEDED
            approves = st.form_submit_button(
                "Restore" if is_superseded else "Approve",
                type="primary",
                icon=":material/check:",
            )
            rejects = version.state in WAITING and st.form_submit_button(
                "Reject", icon=":material/close:"
            )
    if not approves and not rejects:
        return
    decide = approval.approve if approves else approval.reject
    try:
        with st.spinner("Publishing ..." if approves else "Saving ..."):
            decided = decide(version.run, published, by=by, reason=reason)
    except CommandError as error:
        st.session_state[OUTCOME] = ("error", f"{error}.")
    else:
        st.session_state[OUTCOME] = ("success", f"{describe_state(decided)}.")
    st.rerun()


def _show_outcome() -> None:
    """Show the outcome of the last decision, once."""
    kind, text = st.session_state.pop(OUTCOME, (None, ""))
    if kind == "error":
        st.error(words.plain(text[0].upper() + text[1:]), icon=":material/error:")
    elif kind:
        st.success(words.plain(text), icon=":material/check:")


def _show_history(known: list[Version], published: Path) -> None:
    st.header("All versions", anchor=False)
    names = [run.name for run in kept(published)]
    history = versions.history(known, kept=names)
    st.dataframe(
        history.style.map(_paint, subset=["state"]),
        hide_index=True,
        column_order=list(HISTORY),
        column_config=HISTORY,
        placeholder="-",
    )
    st.caption(
        "All times are in UTC. Of a version that is no longer kept, only its decisions"
        " are left."
    )
    tables.offer(history, "versions")


def _paint(state: str) -> str:
    return f"background-color: {STATES[state]}; color: #31333F"


STATES = {
    "created": "#FDE9C8",
    "ready": "#FDE9C8",
    "approved": "#CDE9DC",
    "rejected": "#F8D3CF",
    "superseded": "#E8E8EC",
}
HISTORY = {
    "number": st.column_config.NumberColumn("Version", width=55),
    "state": st.column_config.TextColumn("State", width=80),
    "scenario": st.column_config.TextColumn("Scenario", width=65),
    "created_at": tables.moment("Created"),
    "decided_by": st.column_config.TextColumn("Decided by", width=75),
    "decided_at": tables.moment("Decided on"),
    "effective_from": tables.moment("Live from"),
    "effective_to": tables.moment("Live to"),
    "is_kept": st.column_config.CheckboxColumn(
        "Kept", width=45, help="Whether its clusters are kept, and can be approved."
    ),
    "reason": st.column_config.TextColumn("Reason", width=300),
}
CHANGES = {
    "category": st.column_config.TextColumn("Category", width=100),
    "retention": tables.share(
        "Kept", width=50, help="Stores that keep their cluster, of those of both."
    ),
    "moved": tables.whole("Moved", width=55),
    "joined": tables.whole("Joined", width=55),
    "left": tables.whole("Left", width=45),
    "cluster_count": st.column_config.NumberColumn("Clusters", width=60),
    "served_cluster_count": st.column_config.NumberColumn("before", width=50),
    "largest_psi": tables.decimal(
        "Shift",
        width=50,
        help="Largest population stability index of its features: below 0.1 stable,"
        " from 0.25 on shifted.",
    ),
}
SHIFTED = {
    "category": st.column_config.TextColumn("Category", width=110),
    "label": st.column_config.TextColumn("Feature", width=215),
    "psi": tables.decimal("Shift", width=50),
    "band": st.column_config.TextColumn("", width=60),
}

VIEW = View(
    title="Versions",
    path="versions",
    icon=":material/verified:",
    tables=("store_clusters", "cluster_quality"),
    render=render,
    about="The live version, those that await a decision, and who decided.",
    choose=choose_version,
)
