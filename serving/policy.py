"""The policy: which versions readers get without a person's word."""

from dataclasses import dataclass

import pandas as pd

from serving.gates import MOVED, QUARANTINED, UNSTABLE
from serving.runs import Reader


@dataclass(frozen=True)
class Policy:
    """What a version must meet to be approved by itself.

    Parameters
    ----------
    automatic : bool
        Whether versions that meet all of it are approved without a person.
    min_retention : float
        Share of the stores of both versions that keep their cluster, in every category.
    min_stable_share : float
        Share of the clusters that are firm, in every category.
    max_quarantined_share : float
        Share of the sales rows that are quarantined, but for excluded categories.
    """

    automatic: bool = True
    min_retention: float = 0.0
    min_stable_share: float = 0.0
    max_quarantined_share: float = 1.0

    def find_unmet(self, run: Reader) -> list[str]:
        """Return what ``run`` does not meet: a line each, with the worst category."""
        moved = run.read(MOVED, [self.min_retention])
        unstable = run.read(UNSTABLE, [self.min_stable_share])
        quarantined = run.read(QUARANTINED, [self.max_quarantined_share])
        return [
            *_say(
                moved.assign(share=moved["stayed"] / moved["shared"]),
                "{share:.0%} of the stores of {category} keep their cluster, wanted"
                f" {self.min_retention:.0%}",
            ),
            *_say(
                unstable,
                "{stable_share:.0%} of the clusters of {category} are firm,"
                f" wanted {self.min_stable_share:.0%}",
            ),
            *_say(
                quarantined.assign(
                    share=quarantined["quarantined"] / quarantined["wanted"]
                ),
                "{share:.1%} of the sales rows are quarantined, wanted at most"
                f" {self.max_quarantined_share:.1%}",
            ),
        ]


def _say(found: pd.DataFrame, words: str) -> list[str]:
    if found.empty:
        return []
    more = len(found) - 1
    return [words.format(**found.iloc[0]) + f" (and {more} more)" * bool(more)]
