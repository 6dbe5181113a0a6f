"""What sqlfluff knows of dbt's ``adapter``: the macros of DuckDB are linted."""

from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context


def dispatch(name: str) -> Callable[..., object]:
    """Return the macro of that name for every engine without one of its own."""

    @pass_context
    def call(context: Context, *arguments: object, **options: object) -> object:
        return context[f"default__{name}"](*arguments, **options)

    return call
