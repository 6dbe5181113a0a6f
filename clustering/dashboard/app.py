"""Navigation of the dashboard; what a page shows is in ``clustering.dashboard.views``.

Run by ``clustering dashboard``, or ``python -m clustering.dashboard.serve``.
"""

from pathlib import Path

import streamlit as st

from clustering.core.paths import Paths
from clustering.dashboard.views import SECTIONS

# An icon by name would be fetched from another site for the browser's tab.
ICON = Path(__file__).with_name("icon.svg")
STYLE = Path(__file__).with_name("style.css")

st.set_page_config(page_title="Store clusters", page_icon=ICON, layout="wide")
st.html(STYLE)
published = Paths.from_environment().published
first = next(iter(SECTIONS.values()))[0]
st.navigation(
    {
        section: [view.page(published, default=view is first) for view in views]
        for section, views in SECTIONS.items()
    }
).run()
