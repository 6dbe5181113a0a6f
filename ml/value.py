"""Value: how much of the stores' demand a range for each cluster covers."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from ml.frames import by_category, stacked, typed_frame
from ml.settings import Group

VALUE = {
    "category": "str",
    "basis": "str",
    "clusters": "int64",
    "value_code": "str",
    "range_skus": "Int64",
    "measured_stores": "Int64",
    "later_sales": "float64",
    "one_range_share": "float64",
    "covered_share": "float64",
    "own_range_share": "float64",
    "gain": "float64",
    "gain_error": "float64",
    "one_range_sales_share": "float64",
    "covered_sales_share": "float64",
    "own_range_sales_share": "float64",
    "gain_sales": "float64",
    "is_smallest_within_one_se": "bool",
}
KEY = ("category", "basis", "clusters")
NOT_MEASURED = {name: np.nan for name in VALUE if name not in KEY} | {
    "value_code": "needs_periods",
    "is_smallest_within_one_se": False,
}
# A range is planned by the stores of the other folds, so that none plans its own.
FOLDS = 10
# Sales have four decimals: whole numbers of these add up exactly in any order.
UNIT = 1e-4


def measure_value(
    paths: pd.DataFrame, sales: pd.DataFrame, _: Group | None = None
) -> pd.DataFrame:
    """Measure what every number of final clusters is worth.

    Each cluster gets a range, the SKUs that its stores of other folds sold most of in
    the earlier periods: as many as the median store carries. A store is measured by the
    share of its later sales that its cluster's range covers. It is compared with one
    range for all, and with a range for each store by itself.

    Parameters
    ----------
    paths : DataFrame
        As of `ml.final.merge_finals`, on one basis per category: store_id, category,
        basis and path.
    sales : DataFrame
        One row per store and category with sales in two periods or more: store_id,
        category, and lists of equal length: skus (number of the SKU in its category,
        from 1, in the order in which ties are decided), earlier_sales and later_sales
        (money, in the halves of the periods).

    Returns
    -------
    DataFrame
        One row per category and number of clusters. value_code: ``measured``, or
        ``needs_periods`` where nothing can be planned or measured, and all figures are
        null. range_skus: SKUs of a range.
        measured_stores: stores with later sales, which are later_sales (money).
        one_range_share, covered_share and own_range_share: what one range, those of the
        clusters and those of single stores cover, in the mean of the stores; the same
        with sales, of all sales. gain: what clusters cover beyond one range, with its
        standard error, and in money. is_smallest_within_one_se: of the numbers that
        cover no less than the best but for chance, the smallest.
    """
    sales_of = dict(tuple(sales.groupby("category")))

    def measure_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        tree = Tree.of_paths(stacked(rows["path"]).astype(int))
        demand = Demand.of_stores(rows["store_id"], sales_of.get(category))
        value = pd.DataFrame({"clusters": list(tree.node_of)})
        if demand is not None and demand.later.sum():
            later = demand.later.sum(axis=1)
            figures = compare_coverage(*cover(tree, demand), later)
            figures |= {"value_code": "measured", "range_skus": demand.range_skus}
        else:
            figures = NOT_MEASURED
        return value.assign(category=category, basis=rows["basis"].iloc[0], **figures)

    return typed_frame(by_category(paths, measure_category), VALUE)


@dataclass(frozen=True)
class Tree:
    """The clusters of all numbers; one that stays whole is one node, the first is all.

    Parameters
    ----------
    members : ndarray of shape (nodes, stores), bool
    node_of : dict of int to ndarray of shape (stores,), int
        Per number of clusters, the node of each store.
    """

    members: np.ndarray
    node_of: dict[int, np.ndarray]

    @classmethod
    def of_paths(cls, paths: np.ndarray) -> "Tree":
        """Read the columns of paths; a number that split rules forbid has only zeros.

        Examples
        --------
        >>> tree = Tree.of_paths(np.array([[1, 1, 2], [1, 2, 1], [1, 1, 3]]))
        >>> {clusters: nodes.tolist() for clusters, nodes in tree.node_of.items()}
        {1: [0, 0, 0], 2: [1, 2, 1], 3: [3, 2, 4]}
        """
        # one range for all is there to compare with, whatever split rules forbid
        columns = {1: np.ones(len(paths), dtype=int)}
        for place in range(1, paths.shape[1]):
            if paths[:, place].any():
                columns[place + 1] = paths[:, place]
        nodes: dict[bytes, int] = {}
        members, node_of = [], {}
        for clusters, numbers in columns.items():
            node_of[clusters] = np.zeros(len(paths), dtype=int)
            for number in np.unique(numbers):
                stores = numbers == number
                if (key := stores.tobytes()) not in nodes:
                    nodes[key] = len(nodes)
                    members.append(stores)
                node_of[clusters][stores] = nodes[key]
        return cls(np.array(members), node_of)


@dataclass(frozen=True)
class Demand:
    """What the stores of a category sold, in units of 0.0001.

    Parameters
    ----------
    earlier, later : csr_array of shape (stores, SKUs)
        Sales in either half of the periods.
    fold : ndarray of shape (stores,), int
    range_skus : int
        SKUs that the median store carried in the earlier periods.
    """

    earlier: csr_array
    later: csr_array
    fold: np.ndarray
    range_skus: int

    @classmethod
    def of_stores(
        cls, stores: pd.Series, sales: pd.DataFrame | None
    ) -> "Demand | None":
        """Return the demand of stores in this order; None where no range can be."""
        if sales is None:
            return None
        sales = sales.set_index("store_id").reindex(stores).dropna(subset="skus")
        rows = pd.Index(stores).get_indexer(sales.index)
        skus = np.concatenate(sales["skus"].to_list()).astype(int) - 1
        store = np.repeat(rows, sales["skus"].map(len))
        shape = (len(stores), skus.max() + 1)
        earlier, later = (
            csr_array((_units(sales[half]), (store, skus)), shape=shape)
            for half in ("earlier_sales", "later_sales")
        )
        carried = np.sort((earlier > 0).sum(axis=1))
        carried = carried[carried > 0]
        if not len(carried):
            return None
        median = int(carried[(len(carried) - 1) // 2])
        return cls(earlier, later, _folds(stores), median)


def _units(sales: pd.Series) -> np.ndarray:
    return np.rint(np.concatenate(sales.to_list()).astype(float) / UNIT)


def _folds(stores: pd.Series) -> np.ndarray:
    """Return tenths of the stores, the same in every build."""
    drawn = [(hashlib.md5(store.encode()).hexdigest(), store) for store in stores]
    place = np.empty(len(drawn), dtype=int)
    place[sorted(range(len(drawn)), key=drawn.__getitem__)] = np.arange(len(drawn))
    return place % FOLDS


@dataclass(frozen=True)
class Sums:
    """Sums over the stores of each node: of sales, their squares, and by SKU.

    Parameters
    ----------
    node_sales, node_squares : ndarray of shape (nodes, 1)
        Of what stores sold altogether.
    sales, squares, products : ndarray of shape (nodes, SKUs)
        Of what they sold of a SKU; products are those with what they sold altogether.
    """

    node_sales: np.ndarray
    node_squares: np.ndarray
    sales: np.ndarray
    squares: np.ndarray
    products: np.ndarray

    @classmethod
    def over(cls, members: np.ndarray, sold: np.ndarray) -> "Sums":
        """Add up what stores sold, an array of stores by SKUs."""
        weights, store = members.astype(float), sold.sum(axis=1, keepdims=True)
        values = store, store**2, sold, sold**2, sold * store
        return cls(*(weights @ value for value in values))

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*map(np.add, vars(self).values(), vars(other).values()))

    def __sub__(self, other: "Sums") -> "Sums":
        return Sums(*map(np.subtract, vars(self).values(), vars(other).values()))

    def of(self, node: int) -> "Sums":
        """Return the sums of one node, to compare with all."""
        return Sums(*(value[[node]] for value in vars(self).values()))

    def shares(self) -> np.ndarray:
        """Return what each SKU has of a node's sales; nan where it has none."""
        return _ratio(self.sales, self.node_sales)

    def variances(self, share: np.ndarray) -> np.ndarray:
        """Return the variance of a SKU's share if it is ``share``.

        That of a ratio, from the stores' residuals.
        """
        residuals = (
            self.squares - 2 * share * self.products + share**2 * self.node_squares
        )
        return _ratio(residuals, self.node_sales**2)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part by whole, nan where the latter is zero."""
    return part / np.where(whole == 0, np.nan, whole)


def plan_ranges(others: Sums, *, size: int) -> np.ndarray:
    """Return the SKUs of the range of every node, the best first.

    They are those that sell most, where the shares of a node count by as much as they
    differ from those of the other stores beyond chance, and the category's otherwise.

    Parameters
    ----------
    others : Sums
        Over the stores that plan, of all nodes; the first node is all stores.
    size : int
        SKUs of a range.

    Returns
    -------
    ndarray of shape (nodes, m), int
        Columns of ``others.sales``; m is less than ``size`` where fewer are sold.

    Examples
    --------
    >>> sold = np.array([[9.0, 5.0, 0.0]] * 9 + [[0.0, 5.0, 9.0]] * 3)
    >>> alike = np.arange(12) < 9
    >>> members = np.array([alike | True, alike, ~alike])
    >>> plan_ranges(Sums.over(members, sold), size=2)
    array([[0, 1],
           [0, 1],
           [2, 1]])
    """
    whole = others.of(0)
    share = whole.shares()
    shares, rest = others.shares(), whole - others
    variance = others.variances(share) + rest.variances(share)
    contrast = _ratio((shares - rest.shares()) ** 2, variance)
    is_sold = whole.sales[0] > 0
    contrast = np.nan_to_num(contrast[:, is_sold].round(6), posinf=0, neginf=0)
    mean = contrast.mean(axis=1, keepdims=True) if is_sold.any() else np.zeros((1, 1))
    own_weight = np.nan_to_num(np.clip(1 - _ratio(np.array(2.0), mean), 0, None))
    share = np.where(is_sold, share, -np.inf)
    score = share + own_weight * np.nan_to_num(shares - share)
    order = np.lexsort((np.broadcast_to(-share, score.shape), -score))
    return order[:, : min(size, is_sold.sum())]


def cover(tree: Tree, demand: Demand) -> tuple[np.ndarray, np.ndarray]:
    """Return the later sales that ranges of clusters and of single stores cover.

    Returns
    -------
    covered : ndarray of shape (stores, numbers of clusters)
    own : ndarray of shape (stores,)
    """
    folds = [np.flatnonzero(demand.fold == fold) for fold in range(FOLDS)]
    folds = [stores for stores in folds if len(stores)]
    sums = [
        Sums.over(tree.members[:, stores], demand.earlier[stores].toarray())
        for stores in folds
    ]
    total = sum(sums[1:], start=sums[0])
    covered = np.zeros((len(demand.fold), len(tree.node_of)))
    own = np.zeros(len(demand.fold))
    for stores, of_fold in zip(folds, sums, strict=True):
        ranges = plan_ranges(total - of_fold, size=demand.range_skus)
        earlier, later = (
            sold[stores].toarray() for sold in (demand.earlier, demand.later)
        )
        of_nodes = np.array([later[:, skus].sum(axis=1) for skus in ranges])
        for place, nodes in enumerate(tree.node_of.values()):
            covered[stores, place] = of_nodes[nodes[stores], np.arange(len(stores))]
        own[stores] = cover_own(earlier, later, ranges[0], size=demand.range_skus)
    return covered, own


def cover_own(
    earlier: np.ndarray, later: np.ndarray, best: np.ndarray, *, size: int
) -> np.ndarray:
    """Return what a range for each store by itself covers of its later sales.

    It is what the store sold most of before; one that carries fewer SKUs takes the best
    of the category's that it lacks.

    Parameters
    ----------
    earlier, later : ndarray of shape (stores, SKUs)
    best : ndarray of int
        The range of the category, the best first.
    size : int
        SKUs of a range.

    Examples
    --------
    >>> earlier = np.array([[1.0, 2.0, 3.0, 0.0], [0.0, 2.0, 0.0, 0.0]])
    >>> later = np.array([[9.0, 4.0, 1.0, 7.0], [1.0, 2.0, 4.0, 8.0]])
    >>> cover_own(earlier, later, np.array([3, 1]), size=2)
    array([ 5., 10.])
    """
    wanted = np.full(earlier.shape[1], -np.inf)
    wanted[best] = -1.0 - np.arange(len(best))
    preference = np.where(earlier > 0, earlier, wanted)
    order = np.argsort(-preference, axis=1, kind="stable")[:, :size]
    taken = np.take_along_axis(preference, order, axis=1) > -np.inf
    return (np.take_along_axis(later, order, axis=1) * taken).sum(axis=1)


def compare_coverage(
    covered: np.ndarray, own: np.ndarray, later: np.ndarray
) -> dict[str, object]:
    """Return what every number of clusters covers, from what it covers of stores.

    Every store weighs the same, whatever it sells, but in the shares of sales.

    Parameters
    ----------
    covered : ndarray of shape (stores, numbers)
        Later sales that the ranges of one cluster, and of more, cover.
    own : ndarray of shape (stores,)
        Those that a range for the store by itself covers.
    later : ndarray of shape (stores,)
        All later sales; stores without any count for nothing.

    Returns
    -------
    dict
        Of `measure_value`, the figures that are measured.
    """
    measured = later > 0
    covered, own, later = covered[measured], own[measured], later[measured]
    share = covered / later[:, None]
    gain = share - share[:, [0]]
    loss = share[:, [share.mean(axis=0).argmax()]] - share
    is_as_good = loss.mean(axis=0) <= np.nan_to_num(_standard_error(loss))
    return {
        "measured_stores": len(later),
        "later_sales": later.sum() * UNIT,
        "one_range_share": share[:, 0].mean(),
        "covered_share": share.mean(axis=0),
        "own_range_share": (own / later).mean(),
        "gain": gain.mean(axis=0),
        "gain_error": _standard_error(gain),
        "one_range_sales_share": covered[:, 0].sum() / later.sum(),
        "covered_sales_share": covered.sum(axis=0) / later.sum(),
        "own_range_sales_share": own.sum() / later.sum(),
        "gain_sales": (covered.sum(axis=0) - covered[:, 0].sum()) * UNIT,
        "is_smallest_within_one_se": np.arange(len(is_as_good)) == is_as_good.argmax(),
    }


def _standard_error(figures: np.ndarray) -> np.ndarray:
    """Return the standard error of the mean over stores; nan for one store."""
    count = len(figures)
    if count < 2:
        return np.full(figures.shape[1], np.nan)
    return figures.std(axis=0, ddof=1) / np.sqrt(count)
