"""The models of published runs, kept in memory between reruns of pages."""

from pathlib import Path

import streamlit as st

from clustering.dashboard.published import Run
from clustering.scoring.model import Model

# Runs whose models are in memory, over all users.
KEPT_MODELS = 3


def load_model(run: Run) -> Model:
    """Return the models of a run.

    Raises
    ------
    PipelineError
        If it has none, or they are of a later schema.
    """
    return _load(run.folder)


@st.cache_resource(max_entries=KEPT_MODELS, show_spinner=False)
def _load(folder: Path) -> Model:
    return Model.of_run(Run(folder).published)
