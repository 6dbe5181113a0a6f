"""What people read of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    """What people read.

    Parameters
    ----------
    subject : str
        One line: environment, DAG, and what.
    what : sequence of str
        What is wrong, a line each: the value found, the value wanted.
    facts : mapping
        Where, which run, where to look.
    todo : sequence of str
        What to do about it, a line each.
    """

    subject: str
    what: Sequence[str]
    facts: Mapping[str, str] = field(default_factory=dict)
    todo: Sequence[str] = ()

    @property
    def text(self) -> str:
        """All but the subject, in plain text."""
        facts = [f"{name:<6} {value}" for name, value in self.facts.items()]
        todo = [f"What to do: {self.todo[0]}", *self.todo[1:]] if self.todo else []
        blocks = (self.what, facts, todo)
        return "\n\n".join("\n".join(block) for block in blocks if block)
