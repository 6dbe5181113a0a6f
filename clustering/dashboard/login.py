"""Log in to decide: at an identity provider, or with a token.

Streamlit's own OpenID Connect is used where its secrets configure it, as
docs/dashboard.md shows; decisions then carry the mail address that the provider vouches
for. Elsewhere whoever can read the terminal that the dashboard was started in knows its
token.
"""

import hmac
import os
import secrets

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from clustering.core.errors import ArgumentError

# Token of this dashboard; without one, and without a provider, nobody can log in.
TOKEN = "DASHBOARD_TOKEN"
SHORTEST = 16
# Mail addresses of those who may decide, separated by commas; empty: who can log in.
APPROVERS = "DASHBOARD_APPROVERS"
# Key of the session in which the token was given.
HAS_TOKEN = "has given the token"


def has_provider() -> bool:
    """Whether Streamlit's secrets name an identity provider."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def make_token() -> str | None:
    """Make the token of this dashboard; None if the environment has one already.

    Raises
    ------
    ArgumentError
        If that one is too short to be a secret.
    """
    given = os.environ.get(TOKEN, "")
    if not given:
        os.environ[TOKEN] = secrets.token_urlsafe(SHORTEST)
        return os.environ[TOKEN]
    if len(given) < SHORTEST:
        raise ArgumentError(
            f"{TOKEN} has {len(given)} characters, expected {SHORTEST} or more"
        )
    return None


def ask() -> bool:
    """Whether this visitor may decide; if not, show how to log in."""
    return _ask_provider() if has_provider() else _ask_token()


def has_logged_in() -> bool:
    """Whether this visitor may decide; shows nothing."""
    if has_provider():
        return bool(st.user.is_logged_in) and _may_decide(known_name())
    return bool(st.session_state.get(HAS_TOKEN))


def known_name() -> str | None:
    """Return the mail address, or else the name, that the provider vouches for."""
    if not has_provider() or not st.user.is_logged_in:
        return None
    mail = st.user.get("email") if st.user.get("email_verified") is not False else None
    name = mail or st.user.get("name") or st.user.get("sub")
    return str(name) if name else None


def _ask_provider() -> bool:
    if not st.user.is_logged_in:
        st.info("Log in to approve, reject or correct.", icon=":material/lock:")
        st.button("Log in", on_click=st.login, icon=":material/login:")
        return False
    st.button("Log out", on_click=st.logout, icon=":material/logout:")
    if _may_decide(known_name()):
        return True
    st.info("Your account may not decide or correct here.", icon=":material/lock:")
    return False


def _may_decide(name: str | None) -> bool:
    named = os.environ.get(APPROVERS, "").lower().split(",")
    approvers = {one.strip() for one in named if one.strip()}
    return name is not None and (not approvers or name.lower() in approvers)


def _ask_token() -> bool:
    if st.session_state.get(HAS_TOKEN):
        return True
    place = st.empty()
    given = place.text_input(
        "Token",
        type="password",
        help="The dashboard printed it when it was started.",
        autocomplete="off",
    )
    wanted = os.environ.get(TOKEN, "")
    if not given:
        return False
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        st.error("This is not the token.", icon=":material/error:")
        return False
    st.session_state[HAS_TOKEN] = True
    place.empty()
    return True
