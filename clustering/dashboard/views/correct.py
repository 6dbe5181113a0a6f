"""Forms that correct a store or a cluster, and what the correction would do."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date

import pandas as pd
import streamlit as st

from clustering.core.errors import CommandError
from clustering.core.seeds.editing import Edit
from clustering.core.seeds.tables import Row
from clustering.dashboard import login, tables
from clustering.dashboard.correcting import Corrector
from clustering.dashboard.published import Run
from clustering.presentation import words
from clustering.queries import clusters, corrections, overview

# Keys of the session: the last correction, what became of it, and who makes them.
LAST, OUTCOME, AUTHOR = "last edit", "outcome of a correction", "author of corrections"
OF_STORES = {
    "move": "Move it to another cluster",
    "lock": "Lock it in the cluster it is in",
    "exclude": "Leave it out of the fit",
}
OF_CLUSTERS = {
    "name": "Rename it",
    "merge": "Merge it into another one",
    "flagship": "Mark it as the flagship",
    "inactive": "Mark it as inactive: nobody plans for it",
    "final": "Split or join clusters: fix their number",
    "internal": "Fix k of what sells",
    "external": "Fix k of what surrounds the stores",
}
SIDES = ("final", "internal", "external")
ABOUT_LOCK = "It keeps its cluster in all runs to come, until the row expires."
ABOUT_EXCLUDED = (
    "It no longer shapes the clusters: it is assigned to the nearest one afterwards."
    " What that changes is seen after the run."
)
ABOUT_STATUS = "The mark stands beside the name; it changes no figure."


def show_store_form(run: Run, store_id: str, categories: pd.DataFrame) -> None:
    """Let the place of a store in one of its categories be corrected."""
    with st.expander("Correct this store", icon=":material/edit:"):
        left, right = st.columns([1, 2])
        category = left.selectbox("Category to correct", categories["category"])
        action = right.radio(
            "Correction", list(OF_STORES), format_func=OF_STORES.get, horizontal=True
        )
        place = categories.set_index("category").loc[category]
        row: Row = {"store_id": store_id, "category": category}
        if action == "exclude":
            st.caption(ABOUT_EXCLUDED)
            _save("excluded_stores", row)
        elif action == "lock":
            st.caption(ABOUT_LOCK)
            _save("store_corrections", row | {"action": "lock"})
        else:
            target = _choose_target(run, category, place)
            _show_neighbours(run, category, store_id)
            show_effect(run, category, {store_id: target})
            move = {"action": "move", "cluster_id": str(target)}
            _save("store_corrections", row | move)


def show_cluster_form(run: Run, category: str, cluster_id: int) -> None:
    """Let a cluster be renamed, merged or marked, or numbers of clusters be fixed."""
    with st.expander("Correct this cluster", icon=":material/edit:"):
        action = st.selectbox("Correction", list(OF_CLUSTERS), format_func=_say_action)
        if action in SIDES:
            _show_number_form(run, category, action)
            return
        names = clusters.names(run, category)
        row: Row = {"category": category, "cluster_id": str(cluster_id)}
        row["action"] = action
        if action == "name":
            name = st.text_input("New name", names[cluster_id], max_chars=60)
            row["value"] = name.strip()
        elif action == "merge":
            others = {number: names[number] for number in names if number != cluster_id}
            if not others:
                st.info("There is no other cluster to merge it into.")
                return
            target = st.selectbox(
                "Into cluster", list(others), format_func=lambda n: f"{n} · {others[n]}"
            )
            stores = corrections.stores_in(run, category, cluster_id)
            show_effect(run, category, dict.fromkeys(stores, target))
            row["value"] = str(target)
        else:
            st.caption(ABOUT_STATUS)
        _save("cluster_corrections", row)


def show_effect(run: Run, category: str, moved: Mapping[str, int]) -> None:
    """Show the clusters that a correction changes, before and after."""
    found = corrections.effect(run, category, moved)
    changed = found[found["store_count"] != found["stores_after"]]
    st.markdown("**What it would do**")
    if changed.empty:
        st.caption("Nothing: the stores are there already.")
        return
    currency = overview.currency(run)
    tables.show(
        changed,
        EFFECT,
        currency=currency,
        coloured=["cluster_id"],
        column_order=list(EFFECT),
    )
    profile = corrections.profile_effect(
        run, category, moved, changed["cluster_id"].tolist()
    )
    lines = [
        f"- Cluster {row['cluster_id']}: {words.plain(row['need_state'])}"
        f" {words.percent(row['share'], decimals=1)} of sales, then"
        f" {words.percent(row['share_after'], decimals=1)}"
        for row in profile.to_dict("records")
    ]
    st.markdown("\n".join(lines))


def show_outcome() -> None:
    """Show the outcome of the last correction, once, and offer to undo it."""
    kind, text = st.session_state.pop(OUTCOME, (None, ""))
    if kind == "error":
        st.error(words.plain(text[:1].upper() + text[1:]), icon=":material/error:")
    elif kind:
        st.success(words.plain(text), icon=":material/check:")
    if LAST in st.session_state and st.button(
        "Undo the last correction", icon=":material/undo:"
    ):
        edit: Edit = st.session_state[LAST]
        attempt(lambda: _undo(edit), "Undone: the seed is as it was before.")


def attempt(change: Callable[[], Edit | None], done: str) -> None:
    """Change something, and show on the next run of the page what became of it."""
    try:
        edit = change()
    except CommandError as error:
        st.session_state[OUTCOME] = ("error", f"{error}.")
    else:
        st.session_state[OUTCOME] = ("success", done)
        if isinstance(edit, Edit):
            st.session_state[LAST] = edit
    st.rerun()


def ask_who(key: str) -> dict[str, str | None]:
    """Let the author, the reason and the last day of corrections be given."""
    left, middle, right = st.columns([1, 2, 1])
    author = login.known_name() or left.text_input(
        "Your name", st.session_state.get(AUTHOR, ""), key=f"{key} by"
    )
    reason = middle.text_input(
        "Reason", placeholder="Kept with the correction", key=f"{key} reason"
    )
    until: date | None = right.date_input("Until", None, key=f"{key} until")
    st.session_state[AUTHOR] = author
    return {
        "reason": reason.strip() or None,
        "author": author.strip() or None,
        "expires_on": until.isoformat() if until else None,
    }


def _say_action(action: str) -> str:
    return OF_CLUSTERS[action]


def _show_number_form(run: Run, category: str, side: str) -> None:
    options = corrections.numbers(run, category, side)
    chosen = options.loc[options["is_chosen"], "clusters"]
    number = st.selectbox(
        "Number of clusters",
        options["clusters"].tolist(),
        index=int(chosen.index[0]) if len(chosen) else 0,
    )
    st.caption("Each number that was tried, as the run found it.")
    tables.show(options, NUMBERS, column_order=list(NUMBERS))
    _save("fixed_k", {"category": category, "side": side, "k": str(number)})


def _choose_target(run: Run, category: str, place: pd.Series) -> int:
    names = clusters.names(run, category)
    others = [number for number in names if number != place["cluster_id"]] or [1]
    best = place["next_best_cluster"]
    return st.selectbox(
        "To cluster",
        others,
        index=others.index(int(best)) if best in others else 0,
        format_func=lambda number: (
            f"{number} · {names.get(number, '')}"
            + (", the next best" if number == best else "")
        ),
    )


def _show_neighbours(run: Run, category: str, store_id: str) -> None:
    found = corrections.neighbours(run, category, store_id)
    said = ", ".join(
        f"{row['store_id']} (cluster {row['cluster_id']})"
        for row in found.to_dict("records")
    )
    st.caption(f"Stores most like it, the nearest first: {words.plain(said)}.")


def _save(seed: str, row: Row) -> None:
    """Let the correction be written; where it may not be, show its row."""
    corrector = Corrector.from_environment()
    if obstacle := corrector.find_obstacle():
        st.info(
            f"{obstacle}. Add this row to `dbt_project/seeds/{seed}.csv`, then run:",
            icon=":material/terminal:",
        )
        given = row | {"reason": "WHY", "author": "WHO"}
        lines = f"{_to_line(given)}\n{corrector.command}"
        st.code(lines, language=None, wrap_lines=True)
        return
    if not login.ask():
        return
    given = row | ask_who(seed)
    if st.button("Save the correction", type="primary", icon=":material/save:"):
        attempt(
            lambda: corrector.add(seed, [given]),
            f"Saved in seeds/{seed}.csv; it counts from the next run on. The page"
            " Corrections starts it.",
        )


def _undo(edit: Edit) -> None:
    Corrector.from_environment().undo(edit)
    del st.session_state[LAST]


def _to_line(row: Row) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([row[name] or "" for name in row])
    return f"# {','.join(row)}\n{text.getvalue()}"


EFFECT = {
    "cluster_id": st.column_config.NumberColumn("Cluster", width=60),
    "cluster_name": st.column_config.TextColumn("Name", width="large"),
    "store_count": tables.whole("Stores"),
    "stores_after": tables.whole("then"),
    "sales": tables.whole("Sales"),
    "sales_after": tables.whole("then"),
}
NUMBERS = {
    "clusters": st.column_config.NumberColumn("Clusters", width=65),
    "is_chosen": st.column_config.CheckboxColumn("In use", width=55),
    "smallest_cluster": tables.whole("Smallest"),
    "score": tables.decimal("Score"),
    "reason": st.column_config.TextColumn("Why, or why not", width="large"),
}
