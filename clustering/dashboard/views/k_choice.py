"""Choice of k: every number of clusters that was tried, and why one was chosen."""

import pandas as pd
import streamlit as st

from clustering.dashboard import tables
from clustering.dashboard.choices import choose, choose_category
from clustering.dashboard.published import Run
from clustering.dashboard.view import View
from clustering.presentation import words
from clustering.presentation.charts import k_choice as charts
from clustering.queries import k_choice

SCORES = {
    "combined_score": "Combined score",
    "silhouette": "Silhouette",
    "stability": "Stability",
}
HELP = {
    "combined_score": "Stability, raised by how far the silhouette exceeds chance.",
    "silhouette": "How clear the clusters are; the line is what chance alone gives.",
    "stability": "How well they are reproduced; the line is what is needed.",
}


def render(run: Run) -> None:
    """Show the page."""
    category = choose_category(run, table="k_selection")
    _show_numbers(k_choice.numbers(run, category), name=f"clusters {category}")
    side = choose("Side", list(k_choice.SIDES), key="side", show=_side)
    candidates = k_choice.candidates(run, category, side)
    _show_choice(candidates)
    _show_scores(candidates, threshold=k_choice.min_stability(run))
    _show_candidates(candidates, name=f"candidates {category} {side}")
    _show_all(k_choice.chosen(run))


def _show_numbers(numbers: pd.DataFrame, *, name: str) -> None:
    st.header("Final clusters", anchor=False)
    chosen = numbers[numbers["state"] == "chosen"].iloc[0]
    said = (chosen["clusters"], chosen["reason"], chosen["value_words"])
    st.markdown(words.plain(words.final_clusters(*said)))
    st.altair_chart(charts.worth(numbers))
    tables.show(
        numbers.drop(columns=["value_words", "one_range_share", "own_range_share"]),
        COLUMNS,
    )
    tables.offer(numbers, name)
    st.header("Either side", anchor=False)


def _side(side: str) -> str:
    return f"{k_choice.SIDES[side]} ({side})"


def _show_choice(candidates: pd.DataFrame) -> None:
    chosen = candidates[candidates["state"] == "chosen"].iloc[0]
    recommended = candidates.loc[candidates["state"] == "recommended", "k"]
    figures = {
        "Clusters (k)": words.number(chosen["k"]),
        "Silhouette": words.number(chosen["silhouette"], decimals=2),
        "Stability": words.number(chosen["stability"], decimals=2),
        "Smallest cluster": words.number(chosen["smallest_cluster"]),
        "Candidates": words.number(len(candidates)),
    }
    tables.show_figures(figures)
    said = f"k = {chosen['k']}: {chosen['reason']}."
    if len(recommended):
        said += f" The scores recommend k = {recommended.iloc[0]}."
    st.markdown(words.plain(said))


def _show_scores(candidates: pd.DataFrame, *, threshold: float) -> None:
    for column, (score, title) in zip(
        st.columns(3, gap="medium"), SCORES.items(), strict=True
    ):
        with column:
            st.markdown(f"**{title}**", help=HELP[score])
            chart = charts.scores(
                candidates,
                score,
                needed="reference_silhouette" if score == "silhouette" else None,
                threshold=threshold if score == "stability" else None,
            )
            st.altair_chart(chart)
    spots = "".join(
        f"<span><span style='display:inline-block;width:.8em;height:.8em;"
        f"background:{colour}'></span> {state}</span>"
        for state, colour in charts.STATES.items()
    )
    st.html(f"<div style='display:flex;gap:1.2rem;font-size:.875rem'>{spots}</div>")


def _show_candidates(candidates: pd.DataFrame, *, name: str) -> None:
    st.header("All candidates", anchor=False)
    tables.show(
        candidates,
        COLUMNS,
        column_order=[
            "k",
            "state",
            "reason",
            *SCORES,
            "reference_silhouette",
            "calinski_harabasz",
            "davies_bouldin",
            "smallest_cluster",
        ],
    )
    tables.offer(candidates, name)


def _show_all(chosen: pd.DataFrame) -> None:
    st.header("All categories", anchor=False)
    tables.show(chosen, COLUMNS)
    tables.offer(chosen, "chosen k")


COLUMNS = {
    "k": st.column_config.NumberColumn("k", width=40),
    "state": "State",
    "category": "Category",
    "side": "Side",
    "reason": st.column_config.TextColumn("Reason", width=210),
    "recommended_k": st.column_config.NumberColumn("Recommended", width=105),
    "is_fixed": st.column_config.CheckboxColumn("Fixed", width=60),
    "candidate_count": st.column_config.NumberColumn("Candidates", width=85),
    "combined_score": tables.decimal("Combined"),
    "silhouette": tables.decimal("Silhouette", decimals=3),
    "stability": tables.decimal("Stability"),
    "reference_silhouette": tables.decimal("By chance", decimals=3),
    "calinski_harabasz": tables.decimal("Calinski-Harabasz", decimals=1),
    "davies_bouldin": tables.decimal("Davies-Bouldin"),
    "smallest_cluster": tables.whole("Smallest cluster"),
    "largest_cluster": tables.whole("Largest cluster"),
    "clusters": st.column_config.NumberColumn("Clusters", width=70),
    "explained_variance": tables.share("Explained"),
    "sales_explained": tables.share("Of sales"),
    "agreement": tables.decimal("Agreement"),
    "firm_store_share": tables.share("In firm clusters"),
    "covered_share": tables.share("Demand covered"),
}

VIEW = View(
    title="Choice of k",
    path="k",
    icon=":material/tune:",
    tables=(
        "k_selection",
        "final_cluster_candidates",
        "cluster_value",
        "run_settings",
    ),
    render=render,
    about="Every number of clusters that was tried, and why one was chosen.",
)
