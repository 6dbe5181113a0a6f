"""What is installed only where it is asked for: extras of the package."""

from clustering.core.errors import SettingsError
from clustering.core.paths import IS_CHECKOUT


def not_installed(
    what: str, library: str, *, extra: str, in_checkout: str
) -> SettingsError:
    """Return the error for a library that is not there, with what installs it.

    Parameters
    ----------
    what : str
        What needs it.
    library : str
        Its name.
    extra : str
        Of this package, which brings it where a wheel is installed.
    in_checkout : str
        The command that installs it in a checkout.
    """
    wheel = f"pip install 'store-clustering[{extra}]'"
    command = in_checkout if IS_CHECKOUT else wheel
    return SettingsError(
        f"{what} needs {library}, which is not installed; run: {command}"
    )
