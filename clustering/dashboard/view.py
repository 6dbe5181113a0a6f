"""A page: a title, the tables it reads, and a function that shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import streamlit as st

from clustering.dashboard.choices import choose_run
from clustering.dashboard.published import Run, RunGoneError
from clustering.presentation import words


@dataclass(frozen=True)
class View:
    """A page of the dashboard.

    Parameters
    ----------
    title : str
        Shown in the navigation and above the page.
    path : str
        Last part of its address.
    icon : str
        ``:material/name:``
    tables : tuple of str
        Tables without which it has nothing to show.
    render : callable
        Shows the page of a run.
    about : str
        One sentence below the title.
    choose : callable
        Lets the run be chosen, in the published folder; None where there is none.
    """

    title: str
    path: str
    icon: str
    tables: tuple[str, ...]
    render: Callable[[Run], None]
    about: str = ""
    choose: Callable[[Path], Run | None] = choose_run

    def page(self, published: Path, *, default: bool = False) -> st.Page:
        """Return the page for the navigation."""
        return st.Page(
            lambda: self.show(published),
            title=self.title,
            url_path=self.path,
            icon=self.icon,
            default=default,
        )

    def open(self, **choices: object) -> NoReturn:
        """Go to this page, with these choices made."""
        query = {key: str(choice) for key, choice in choices.items()}
        st.switch_page(self.page(Path()), query_params=query)

    def link(self, label: str, **choices: str) -> None:
        """Show a link to this page, with these choices made."""
        page = self.page(Path())
        st.page_link(page, label=label, icon=self.icon, query_params=choices)

    def show(self, published: Path) -> None:
        """Show the page, or say in words why there is nothing to show."""
        st.title(self.title, anchor=False)
        run = self.choose(published)
        if run is None:
            st.info(words.nothing_published(published), icon=":material/inbox:")
            return
        try:
            self._show_run(run)
        except RunGoneError as gone:
            st.warning(words.run_gone(str(gone)), icon=":material/history:")

    def _show_run(self, run: Run) -> None:
        missing = [table for table in self.tables if table not in run.tables]
        if missing:
            st.info(words.lacks(run.built_at, missing), icon=":material/table_view:")
            return
        if self.about:
            st.caption(self.about)
        self.render(run)
