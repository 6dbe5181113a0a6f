"""The seed feature_labels: display names of columns and need states."""

from collections.abc import Iterator

from clustering.core.seeds.tables import Problem, Row, Seed

# A longer word leaves a cluster's name no room for a need state.
LONGEST_WORD = 25


def find_wrong_labels(labels: Seed) -> Iterator[Problem]:
    """Yield the problems of the dictionary, in the order of its lines."""
    first: dict[tuple[str, str], int] = {}
    for line, row in labels.rows.items():
        key = ((row["feature"] or "").upper(), (row["category"] or "").upper())
        before = first.setdefault(key, line)
        found = _find_wrong(row, line=line, before=before)
        if found:
            yield Problem(line, *found)


def _find_wrong(row: Row, *, line: int, before: int) -> tuple[str, str] | None:
    about = ", ".join(filter(None, (row["feature"], row["category"])))
    if row["feature"] is None:
        return "feature is missing", "name a column or need state of the input"
    if row["label"] is None:
        return (
            f"label of {about} is missing",
            "say what it is called, or remove the row",
        )
    if line != before:
        return f"{about} is in line {before}, too", "keep one of the two"
    better = row["lower_is_better"]
    if better not in (None, "true", "false"):
        return (
            f"lower_is_better '{better}' is unknown, expected one of: false, true",
            "leave it empty where neither is better",
        )
    for word in filter(None, (row["word_low"], row["word_high"])):
        if len(word) > LONGEST_WORD:
            return (
                f"word '{word}' has {len(word)} characters, expected at most"
                f" {LONGEST_WORD}",
                "names of clusters have 40 in all",
            )
    return None
