"""All that is looked at before anything is built: settings, seeds, input."""

from collections.abc import Mapping

from clustering.core.input import open_input
from clustering.core.paths import DBT_PROJECT, Paths, set_environment
from clustering.core.seeds import check_seeds
from clustering.core.settings import check_settings


def check_input(paths: Paths, *, settings: Mapping[str, object]) -> None:
    """Check the settings, the seeds and the input files, and build nothing.

    Opens no warehouse, so that it need not wait for a build to end.

    Parameters
    ----------
    paths : Paths
        Where the input lies.
    settings : mapping
        Vars of dbt_project.yml that the run sets otherwise.

    Raises
    ------
    SettingsError
        If a setting cannot be.
    InputError
        If the input or a seed is bad.
    """
    checked = check_settings(settings)
    check_seeds(volume_bands=checked.volume_bands)
    set_environment(paths)
    open_input(
        DBT_PROJECT,
        excluded_categories=checked.excluded_categories,
        excluded_columns=checked.excluded_external_columns,
    )
