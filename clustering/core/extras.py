"""Optional dependencies: the extras of this package."""

from types import ModuleType

from clustering.core.errors import SettingsError
from clustering.core.paths import IS_CHECKOUT


def not_installed(
    what: str, library: str, *, extra: str, in_checkout: str
) -> SettingsError:
    """Return the error for a missing library, with the command that installs it.

    Parameters
    ----------
    what : str
        The feature that needs it.
    library : str
        Its name.
    extra : str
        The extra of this package that includes it.
    in_checkout : str
        The command that installs it in a checkout.
    """
    wheel = f"pip install 'store-clustering[{extra}]'"
    command = in_checkout if IS_CHECKOUT else wheel
    return SettingsError(
        f"{what} needs {library}, which is not installed; run: {command}"
    )


def import_psycopg2(what: str) -> ModuleType:
    """Return the driver of PostgreSQL.

    Parameters
    ----------
    what : str
        The feature that needs it.

    Raises
    ------
    SettingsError
        If it is not installed.
    """
    try:
        import psycopg2
    except ModuleNotFoundError:
        raise not_installed(
            what,
            "psycopg2",
            extra="postgres",
            in_checkout="pip install psycopg2-binary",
        ) from None
    return psycopg2
