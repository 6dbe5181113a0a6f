"""Refit only the categories whose input has changed."""

import functools
import hashlib
import importlib.metadata
import importlib.resources
import json
import platform
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.util import hash_array, hash_pandas_object

from ml.processes import fit_categories
from ml.settings import Group

# What a result says of itself, beside what it says of stores.
FINGERPRINT, KEPT = "input_fingerprint", "is_kept"
# What else numbers depend on: these compute them.
LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy")
# The hash of a null: any but 0, which is that of the number 0.
NULL = np.uint64(0x9E3779B97F4A7C15)


def refit_changed(
    fit: Callable[..., pd.DataFrame],
    frames: Sequence[pd.DataFrame],
    settings: Group,
    *,
    earlier: pd.DataFrame | None,
    signs: Sequence[pd.DataFrame] | None = None,
    jobs: int = 1,
    **options: str,
) -> pd.DataFrame:
    """Call ``fit(*frames, settings, **options)`` for the categories that have changed.

    Parameters
    ----------
    fit : callable
        A function of this package that fits category by category.
    frames : sequence of DataFrame
        What it takes; the first has the rows to fit.
    settings : Group
        All settings that it reads, and no others: with any of them, the result of
        every category changes.
    earlier : DataFrame or None
        The last result of this function; None: all is fitted.
    signs : sequence of DataFrame, optional
        What tells whether the frames have changed; by default the frames themselves.
    jobs : int
        Most processes at a time, where there is enough to fit; they change no result.
    **options
        What else ``fit`` takes.

    Returns
    -------
    DataFrame
        What fitting all categories gives, to the last bit; see `Reuse.complete`.

    Examples
    --------
    >>> from ml.settings import Starts
    >>> def fit(stores, settings):
    ...     return stores.assign(starts=settings.n_init)[["category", "starts"]]
    >>> stores = pd.DataFrame({"category": ["GIN"], "sales": [1.0]})
    >>> starts = Starts(n_init=5, random_state=42)
    >>> first = refit_changed(fit, [stores], starts, earlier=None)
    >>> refit_changed(fit, [stores], starts, earlier=first)["is_kept"].to_list()
    [True]
    """
    told_by = frames if signs is None else signs
    reuse = Reuse(earlier, told_by, settings.model_dump() | options)
    rows, *others = frames
    changed = [reuse.changed(rows), *others]
    return reuse.complete(fit_categories(fit, changed, settings, jobs=jobs, **options))


def fingerprint(frames: Iterable[pd.DataFrame], settings: Mapping[str, object]) -> str:
    """Return a hash of 32 hexadecimal digits of frames and settings.

    Parameters
    ----------
    frames, settings
        As for `category_fingerprints`. Code does not count: what is made of the same
        input in the same way has the same fingerprint in every version.

    Examples
    --------
    >>> gin = pd.DataFrame({"category": ["GIN", "GIN"], "store_id": ["1", "2"]})
    >>> fingerprint([gin], {"k": 2}) == fingerprint([gin[::-1]], {"k": 2})
    True
    >>> fingerprint([gin], {"k": 2}) == fingerprint([gin], {"k": 3})
    False
    """
    rows = [_hash_frame(frame) for frame in frames]
    return _digest([json.dumps(settings, sort_keys=True), *rows])[:32]


class Reuse:
    """Decides which categories of an earlier result can be kept.

    They are those whose fingerprint is the same: that of the category's rows in every
    input, of the settings, of the code in this package and of the libraries it
    computes with. Every function of this package that fits category by category takes
    nothing else into account, so that kept rows and fitted ones together are what
    fitting all of them gives, to the last bit.

    Parameters
    ----------
    earlier : DataFrame or None
        The last result, as `complete` returned it, its rows in that order. None, or
        one without fingerprints: nothing is kept.
    inputs : iterable of DataFrame
        All that is fitted from; see `category_fingerprints`.
    settings : mapping
        Settings of the fit.

    Examples
    --------
    >>> def fit(stores):
    ...     return stores.assign(double=2 * stores["sales"])[["category", "double"]]
    >>> stores = pd.DataFrame({"category": ["GIN", "RUM"], "sales": [1.0, 2.0]})
    >>> first = Reuse(None, [stores], {})
    >>> earlier = first.complete(fit(first.changed(stores)))
    >>> stores = stores.replace(2.0, 3.0)
    >>> second = Reuse(earlier, [stores], {})
    >>> second.changed(stores)["category"].to_list()
    ['RUM']
    >>> result = second.complete(fit(second.changed(stores)))
    >>> result[["category", "double", "is_kept"]].to_dict("list")
    {'category': ['GIN', 'RUM'], 'double': [2.0, 6.0], 'is_kept': [True, False]}
    """

    def __init__(
        self,
        earlier: pd.DataFrame | None,
        inputs: Iterable[pd.DataFrame],
        settings: Mapping[str, object],
    ) -> None:
        self._fingerprints = category_fingerprints(inputs, settings)
        self._kept = _unchanged(earlier, self._fingerprints)

    def changed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of the categories that have to be refitted."""
        return rows[~rows["category"].isin(self._kept["category"])]

    def complete(self, fitted: pd.DataFrame) -> pd.DataFrame:
        """Return the fitted rows and the kept ones, sorted by category.

        Beside them: input_fingerprint, and is_kept, which tells the rows that were
        not fitted now. Types are those of ``fitted``, which has to have them where it
        is empty, too.
        """
        kept = self._kept.reindex(columns=fitted.columns)
        kept = kept.where(kept.notna(), None).astype(fitted.dtypes)
        both = pd.concat([kept.assign(**{KEPT: True}), fitted.assign(**{KEPT: False})])
        fingerprints = both["category"].map(self._fingerprints).astype("str")
        both.insert(len(both.columns) - 1, FINGERPRINT, fingerprints)
        return both.sort_values("category", kind="stable", ignore_index=True)


def category_fingerprints(
    inputs: Iterable[pd.DataFrame], settings: Mapping[str, object]
) -> dict[str, str]:
    """Return a hash of all that the fit of each category depends on.

    The order of rows and columns does not count, nor the type that numbers come in:
    one null makes a column of integers one of floats. Values count to the last bit,
    numbers as doubles.

    Parameters
    ----------
    inputs : iterable of DataFrame
        With the column category, null where a row holds in every category. Other
        columns are numbers, booleans, text, or lists of numbers.
    settings : mapping
        What can be written as JSON.

    Examples
    --------
    >>> gin = pd.DataFrame({"category": ["GIN", "GIN"], "store_id": ["1", "2"]})
    >>> ordered = category_fingerprints([gin], {})
    >>> ordered == category_fingerprints([gin[::-1]], {})
    True
    >>> ordered == category_fingerprints([gin.replace("2", "3")], {})
    False
    """
    method = [json.dumps(settings, sort_keys=True), _method()]
    rows = [_hash_by_category(frame) for frame in inputs]
    return {
        category: _digest([*method, *(of_category[category] for of_category in rows)])
        for category in set().union(*rows)
    }


@functools.cache
def _method() -> str:
    """Return one text for the code of this package, and for what it computes with."""
    code = sorted(
        (file.name, file.read_text(encoding="utf-8"))
        for file in importlib.resources.files("ml").iterdir()
        if file.name.endswith(".py")
    )
    versions = [importlib.metadata.version(library) for library in LIBRARIES]
    machine = [platform.python_version(), platform.machine()]
    return _digest([json.dumps([code, versions, machine])])


def _unchanged(
    earlier: pd.DataFrame | None, fingerprints: Mapping[str, str]
) -> pd.DataFrame:
    """Return the rows of the earlier result whose fingerprint is that of now."""
    if earlier is None or FINGERPRINT not in earlier:
        return pd.DataFrame({"category": pd.Series(dtype="str")})
    now = earlier["category"].map(fingerprints)
    return earlier[(earlier[FINGERPRINT] == now).to_numpy(dtype=bool)]


def _hash_frame(frame: pd.DataFrame) -> str:
    """Return one text for the columns and rows of a frame."""
    frame = frame[sorted(frame.columns)]
    return _digest([*frame.columns, _hash_set(pd.Series(_hash_rows(frame)))])


def _hash_by_category(frame: pd.DataFrame) -> defaultdict[str, str]:
    """Return one text per category: its rows, and those that hold in every category.

    A category without rows of its own has the text of the latter.
    """
    frame = frame.drop(columns=[FINGERPRINT, KEPT], errors="ignore")
    frame = frame[sorted(frame.columns)]
    hashes = pd.Series(_hash_rows(frame), index=frame["category"])
    everywhere = hashes[hashes.index.isna()]
    shared = [*frame.columns, _hash_set(everywhere)]
    of_category = {
        str(category): _digest([*shared, _hash_set(own)])
        for category, own in hashes.groupby(level=0)
    }
    return defaultdict(lambda: _digest(shared), of_category)


def _hash_set(hashes: pd.Series) -> str:
    """Return a text for hashes of rows that their order does not change."""
    return hashlib.sha256(np.sort(hashes.to_numpy()).tobytes()).hexdigest()


def _hash_rows(frame: pd.DataFrame) -> np.ndarray:
    """Return 64 bits for each row."""
    columns = {name: _hash_values(values) for name, values in frame.items()}
    frame = pd.DataFrame(columns)
    return hash_pandas_object(frame, index=False).to_numpy()  # ty: ignore[not-callable]


def _hash_values(values: pd.Series) -> np.ndarray:
    """Return 64 bits for each value of a column, always the same ones for a null."""
    known = values.notna().to_numpy()
    hashes = np.full(len(values), NULL)
    if pd.api.types.is_numeric_dtype(values):  # booleans, too
        numbers = values[known].to_numpy(dtype=float)
        hashes[known] = hash_array(numbers)  # ty: ignore[not-callable]
    elif known.any():
        texts = values[known].to_numpy(dtype=object)
        if not pd.api.types.is_string_dtype(values):
            texts = np.array(list(map(_as_text, texts)), dtype=object)
        hashes[known] = hash_array(texts)  # ty: ignore[not-callable]
    return hashes


def _as_text(value: str | np.ndarray) -> str:
    """Return text as it is, and a list of numbers as its bytes."""
    return value if isinstance(value, str) else value.astype(float).tobytes().hex()


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256(json.dumps(list(texts)).encode()).hexdigest()
