"""From dbt's events to one outcome per model: built, and all of its tests passed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # DAGs are read without dbt, which takes a second to import
    from dbt_common.events.base_types import EventMsg

BUILT, PASSED = {"success"}, {"pass", "warn"}


class Progress:
    """Says of every model, as soon as it is known, how it came out.

    Parameters
    ----------
    tests_of : mapping
        Per model or seed that is built, the tests that decide about it.
    say : callable
        Takes the unique id of a model, and None where it was built and passed its
        tests, else what is wrong with it, in one line.
    """

    def __init__(
        self,
        tests_of: Mapping[str, Iterable[str]],
        *,
        say: Callable[[str, str | None], None],
    ) -> None:
        self._waiting = {model: {model, *tests} for model, tests in tests_of.items()}
        self._model_of = {
            node: model for model, nodes in self._waiting.items() for node in nodes
        }
        self._say = say
        self.warnings: list[str] = []

    def notice(self, event: EventMsg) -> None:
        """Take one event of dbt."""
        if event.info.name != "NodeFinished":
            return
        node, result = event.data.node_info, event.data.run_result
        status = node.node_status
        if status == "warn":
            self.warnings.append(f"test {node.node_name}: {_one_line(result.message)}")
        if status in BUILT | PASSED:
            self._pass(node.unique_id)
        else:
            self._fail(node.unique_id, _what_is_wrong(node, result))

    def _pass(self, node: str) -> None:
        model = self._model_of.get(node)
        if model not in self._waiting:
            return
        self._waiting[model].discard(node)
        if not self._waiting[model]:
            del self._waiting[model]
            self._say(model, None)

    def _fail(self, node: str, wrong: str) -> None:
        model = self._model_of.get(node)
        if model in self._waiting:
            del self._waiting[model]
            self._say(model, wrong)


def _what_is_wrong(node: object, result: object) -> str:
    what = f"{node.resource_type} {node.node_name}"
    if node.node_status == "skipped":
        return f"{what} did not run: something failed before it"
    return f"{what}: {_one_line(result.message) or node.node_status}"


def _one_line(message: str) -> str:
    return " ".join(message.split())
