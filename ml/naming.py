"""Names of clusters: what sells most above average there, and what surrounds it."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import pandas as pd

from ml.frames import typed_frame

NAMES = {"category": "str", "cluster_id": "int64", "method_name": "str"}
GIVEN = NAMES | {"cluster_name": "str", "name_source": "str"}
WORDS = ["category", "block", "feature", "noun", "phrase_high", "phrase_low"]
LONGEST = 40
# Above average: by this index, and by more than a twentieth of a standard deviation.
CLEAR_INDEX = 102
CLEAR_DIFFERENCE = 0.05
# What surrounds a cluster is said from this many standard deviations on.
TELLING_DIFFERENCE = 0.4
ONE_CLUSTER = "all stores"
NOTHING = "all kinds"
# Of a need state with more words than this, those after them are left out first.
MOST_WORDS = 10
JOINTS = frozenset(["-", "&", "+", "/", "and", "or", "of", "in", "with", "for", "the"])


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What can be said about a cluster, most important first."""

    cluster_id: int
    sellers: list[str]
    surroundings: list[str]


def name_clusters(
    clusters: pd.DataFrame,
    profiles: pd.DataFrame,
    representatives: pd.DataFrame,
    words: pd.DataFrame,
) -> pd.DataFrame:
    """Name each cluster; names are unique in their category, and 40 characters at most.

    A name begins with the need state that has the largest share of the cluster's sales
    among those that sell above average there, and goes on with the one thing that most
    sets apart what surrounds it. Clusters with the same name get a second thing that
    surrounds them, or a second need state; and where even that is the same, a number.

    Parameters
    ----------
    clusters : DataFrame
        One row per category and cluster_id.
    profiles : DataFrame
        One row per category, cluster_id, block and feature, with column_name, level,
        cluster_mean, index_value, standard_difference and distinctiveness_rank.
    representatives : DataFrame
        Of the same rows, as `ml.representatives.find_representatives` returns them.
    words : DataFrame
        noun, phrase_high and phrase_low of each category, block and feature.

    Returns
    -------
    DataFrame
        category, cluster_id and method_name.
    """
    told = profiles.merge(
        representatives, on=["category", "cluster_id", "block", "feature"]
    ).merge(words[WORDS], on=["category", "block", "feature"])
    rows = dict(tuple(told.groupby(["category", "cluster_id"])))
    parts = []
    for category, ids in clusters.groupby("category", sort=True)["cluster_id"]:
        traits = [
            _find_traits(cluster_id, rows.get((category, cluster_id), told.head(0)))
            for cluster_id in sorted(ids)
        ]
        is_here = (words["category"] == category) & (words["block"] == "internal")
        names = choose_names(traits, sold=words.loc[is_here, "noun"].tolist())
        frame = pd.DataFrame(names.items(), columns=["cluster_id", "method_name"])
        parts.append(frame.assign(category=category))
    return typed_frame(parts, NAMES)


def apply_names(names: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """Put the names that people gave to clusters in place of the method's.

    A name that a person gave to one cluster is no other's: a cluster that the method
    calls the same has its number added.

    Parameters
    ----------
    names : DataFrame
        As of `name_clusters`.
    given : DataFrame
        category, cluster_id and value, the name; at most one per cluster.

    Returns
    -------
    DataFrame
        ``names`` with cluster_name and name_source, ``person`` or ``method``.

    Examples
    --------
    >>> names = pd.DataFrame({"cluster_id": [1, 2], "method_name": ["dry", "sloe"]})
    >>> given = pd.DataFrame({"cluster_id": [2], "value": ["dry"]})
    >>> named = apply_names(names.assign(category="GIN"), given.assign(category="GIN"))
    >>> named["cluster_name"].to_list()
    ['dry (1)', 'dry']
    """
    named = names.merge(given, how="left", on=["category", "cluster_id"])
    taken = pd.MultiIndex.from_frame(given[["category", "value"]])
    is_taken = pd.MultiIndex.from_frame(names[["category", "method_name"]]).isin(taken)
    numbered = names["method_name"] + " (" + names["cluster_id"].astype("str") + ")"
    own = names["method_name"].where(~is_taken, numbered)
    by_person = named["value"].notna()
    return typed_frame(
        [
            named.assign(
                cluster_name=named["value"].where(by_person, own),
                name_source=by_person.map({True: "person", False: "method"}),
            )
        ],
        GIVEN,
    )


def choose_names(traits: Sequence[Traits], *, sold: Sequence[str]) -> dict[int, str]:
    """Give each cluster the first of its possible names that no other cluster has.

    Parameters
    ----------
    traits : sequence of Traits
        One per cluster of a category.
    sold : sequence of str
        All need states of the category.

    Examples
    --------
    >>> traits = [
    ...     Traits(cluster_id=1, sellers=["dry gin"], surroundings=["town"]),
    ...     Traits(cluster_id=2, sellers=["dry gin", "sloe"], surroundings=["town"]),
    ...     Traits(cluster_id=3, sellers=[], surroundings=["rural"]),
    ... ]
    >>> choose_names(traits, sold=["dry gin", "sloe"])
    {1: 'dry gin, town', 2: 'dry gin, town, sloe', 3: 'rural'}
    """
    if len(traits) == 1:
        return {traits[0].cluster_id: ONE_CLUSTER}
    proposals = {one.cluster_id: list(_propose(one, sold)) for one in traits}
    names: dict[int, str] = {}
    for turn in range(max(map(len, proposals.values()), default=0)):
        proposed = {
            cluster_id: options[turn]
            for cluster_id, options in proposals.items()
            if cluster_id not in names and turn < len(options)
        }
        names |= _unique(proposed, taken=names.values())
    shortest = {one: options[0] for one, options in proposals.items()}
    left = {one: name for one, name in shortest.items() if one not in names}
    names |= _unique(left, taken=names.values())
    for cluster_id in sorted(left.keys() - names.keys()):
        names[cluster_id] = _number(left[cluster_id], cluster_id, names.values())
    return {one.cluster_id: names[one.cluster_id] for one in traits}


def shorten(name: str, *, others: Sequence[str], longest: int) -> str:
    """Shorten a need state to its most distinctive words, as many as fit.

    A word says the more, the fewer other need states have it. Two words stay at least,
    and no other need state has all that stay. Where nothing like that fits, it ends
    after its last whole word that does, with an ellipsis.

    Examples
    --------
    >>> others = ["temporary & specialty packages - large", "specialty rum - standard"]
    >>> name = "temporary & specialty packages - standard"
    >>> shorten(name, others=others, longest=30)
    'temporary packages - standard'
    >>> shorten(name, others=others, longest=12)
    'temporary…'
    """
    if len(name) <= longest:
        return name
    words = name.split()
    word_sets = [set(other.split()) for other in others if other != name]
    counts = Counter(word for known in word_sets for word in known)
    places = [at for at, word in enumerate(words) if word not in JOINTS][:MOST_WORDS]
    rarity = [1 - counts[word] / (len(word_sets) + 1) for word in words]
    options = {
        _join(words, kept): sum(rarity[at] for at in kept)
        for size in range(2, len(places) + 1)
        for kept in combinations(places, size)
        if not any({words[at] for at in kept} <= known for known in word_sets)
    }
    fitting = {text: worth for text, worth in options.items() if len(text) <= longest}
    if not fitting:
        return cut(name, longest=longest)
    return max(fitting, key=lambda text: (round(fitting[text], 9), len(text), text))


def cut(text: str, *, longest: int) -> str:
    """Truncate a text, after a word if possible.

    Examples
    --------
    >>> cut("cordials and more", longest=13), cut("cordials", longest=6)
    ('cordials…', 'cordi…')
    """
    if len(text) <= longest:
        return text
    words = text[:longest].rsplit(" ", 1)[0].split()
    while words and (words[-1] in JOINTS or len(" ".join(words)) >= longest):
        words.pop()
    return (" ".join(words) or text[: longest - 1]) + "…"


def _find_traits(cluster_id: int, rows: pd.DataFrame) -> Traits:
    return Traits(
        cluster_id=int(cluster_id),
        sellers=_find_sellers(rows[rows["block"] == "internal"]),
        surroundings=_find_surroundings(rows[rows["block"] == "external"]),
    )


def _find_sellers(rows: pd.DataFrame) -> list[str]:
    """Return need states above average, the best seller first, those alike once."""
    clear = rows[
        (rows["index_value"] >= CLEAR_INDEX)
        & (rows["standard_difference"] > CLEAR_DIFFERENCE)
    ]
    ordered = clear.sort_values(
        ["cluster_mean", "index_value", "feature"], ascending=[False, False, True]
    )
    return ordered.drop_duplicates("representative")["noun"].tolist()


def _find_surroundings(rows: pd.DataFrame) -> list[str]:
    """Return what is unlike the average, one phrase per column and per meaning."""
    difference = rows["standard_difference"]
    telling = (difference >= TELLING_DIFFERENCE) | (
        (difference <= -TELLING_DIFFERENCE) & rows["level"].isna()
    )
    speaking = rows["feature"] == rows["representative"]
    ordered = rows[telling & speaking].sort_values("distinctiveness_rank")
    phrases = ordered["phrase_high"].where(
        ordered["standard_difference"] > 0, ordered["phrase_low"]
    )
    return phrases[~ordered["column_name"].duplicated()].drop_duplicates().tolist()


def _propose(traits: Traits, sold: Sequence[str]) -> Iterator[str]:
    """Yield the possible names of a cluster that fit, the best first."""
    seller, others = traits.sellers[:1], traits.sellers[1:]
    around, further = traits.surroundings[:1], traits.surroundings[1:]
    more = [*further[:1], *others[:1], *further[1:], *others[1:]]
    parts = [
        [*seller, *around],
        *([*seller, *around, one] for one in more),
        *([*seller, one] for one in more),
    ]
    fitting = [name for one in parts if (name := _fit(one, seller, sold))]
    alone = shorten((seller + around or [NOTHING])[0], others=sold, longest=LONGEST)
    yield from dict.fromkeys(fitting or [alone])


def _fit(parts: list[str], seller: list[str], sold: Sequence[str]) -> str | None:
    """Join the parts, the seller as short as it must be; None where they do not fit."""
    name = ", ".join(parts)
    if not name or len(name) <= LONGEST or not seller:
        return name if 0 < len(name) <= LONGEST else None
    room = LONGEST - len(name) + len(seller[0])
    short = shorten(seller[0], others=sold, longest=max(room, 1))
    if short.endswith("…"):
        return None
    return ", ".join([short, *parts[1:]])


def _unique(proposed: dict[int, str], *, taken: Collection[str]) -> dict[int, str]:
    counts = Counter(proposed.values()) + Counter(taken)
    return {one: name for one, name in proposed.items() if counts[name] == 1}


def _number(name: str, cluster_id: int, taken: Collection[str]) -> str:
    """Return the name with a number: that of the cluster, unless that is taken."""
    number, used = cluster_id, set(taken)
    while (numbered := _append(name, f" ({number})")) in used:
        number += 1
    return numbered


def _append(name: str, suffix: str) -> str:
    return cut(name, longest=LONGEST - len(suffix)) + suffix


def _join(words: Sequence[str], kept: Sequence[int]) -> str:
    """Join the words at some places, with what stands between two of them."""
    texts = [words[kept[0]]]
    for before, after in pairwise(kept):
        between = words[before + 1 : after]
        is_next = all(word in JOINTS for word in between)
        texts += between if is_next else ["-"] * ("-" in between)
        texts.append(words[after])
    return " ".join(texts)
