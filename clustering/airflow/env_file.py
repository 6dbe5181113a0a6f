"""Print a first .env: .env.example with random secrets."""

import base64
import re
import secrets
import sys

from clustering.core.paths import PROJECT

EXAMPLE = PROJECT / ".env.example"
EMPTY = re.compile(r"^(\w+)=$", re.MULTILINE)
# Fernet keys have exactly 32 bytes; a person types the password.
BYTES = {"AIRFLOW_PASSWORD": 12, "AIRFLOW__API_AUTH__JWT_SECRET": 64}


def fill(example: str) -> str:
    """Give every variable that is set to nothing a random value."""
    return EMPTY.sub(lambda match: f"{match[1]}={_secret(match[1])}", example)


def _secret(name: str) -> str:
    value = secrets.token_bytes(BYTES.get(name, 32))
    return base64.urlsafe_b64encode(value).decode()


if __name__ == "__main__":
    sys.stdout.write(fill(EXAMPLE.read_text()))
