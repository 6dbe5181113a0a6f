"""Connection strings of PostgreSQL, which may have a password: no message shows one."""

import re

from pydantic import SecretStr

# Of a URL, as libpq reads it: with another @ : / ? or # in the password, it takes part
# of that for a host or a port, and says so.
URL = re.compile(r"postgres(ql)?://([^:@/?#\s]*(:[^:@/?#\s]*)?@)?[^@\s]*")
UNREADABLE = (
    "its connection string cannot be read, expected"
    " postgresql://user:password@host/database, with @ : / ? # and spaces of the"
    " password as %40 %3A %2F %3F %23 and %20"
)


def explain(error: Exception, dsn: SecretStr) -> str:
    r"""Return what a driver says is wrong, in one line and without the password.

    >>> clear = SecretStr("postgresql://me:pass@db/x")
    >>> explain(ValueError("no host\nat db"), clear)
    'no host at db'
    >>> unclear = SecretStr("postgresql://me:pa@ss@db/x")
    >>> explain(ValueError("no host ss@db"), unclear).partition(",")[0]
    'its connection string cannot be read'
    """
    text = dsn.get_secret_value()
    is_unclear = "://" in text and not URL.fullmatch(text)
    says = " ".join(str(error).split())
    is_refused = type(error).__name__ == "ProgrammingError" and "dsn" in says
    return UNREADABLE if is_unclear or is_refused else says
