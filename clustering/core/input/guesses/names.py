"""What columns and tables are usually called."""

import re

# By column of the contract, or by table: words for it, without spaces and endings.
WORDS = {
    "store": "store shop outlet location loc site branch pos door filiale magasin",
    "product": "sku item product prod upc ean gtin article art plu material barcode",
    "category": (
        "category cat department dept family class commodity itemtype producttype"
        " productcategory itemcategory productgroup division"
    ),
    "need": (
        "needstate need subcategory subcat subclass subfamily segment subsegment"
        " subdepartment subdept mission occasion subgroup"
    ),
    "sales": (
        "sales revenue amount amt turnover netsales totalsales salesvalue salesamount"
        " netamount linetotal extendedprice total value spend dollars"
    ),
    "units": "units qty quantity pieces unitssold itemssold count volume",
    "period": "date day week period month periodstart weekstart time timestamp",
    "latitude": "latitude lat",
    "longitude": "longitude lon lng long",
    "cdt": "cdt customerdecisiontree decisiontree",
    "internal_sales": "internalsales sales transactions receipts till pos baskets",
    "need_state": "needstate needstates products product items skus assortment",
    "store_attributes": "storeattributes stores outlets shops locations store sites",
    "external_sales": "externalsales market competition",
}
KNOWN = {role: frozenset(words.split()) for role, words in WORDS.items()}
# Endings that say that a column is a key, or the words for one.
ENDINGS = frozenset(
    ("id", "nbr", "no", "num", "number", "nr", "key", "code", "cd", "dsc")
)
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Amounts that are no sales, and texts that are no keys.
OTHER = frozenset(
    (
        *("price", "cost", "margin", "discount", "tax", "vat", "profit", "stock"),
        *("inventory", "rate", "average", "avg", "description", "name", "comment"),
    )
)


def likeness(name: str, role: str) -> float:
    """Return how far a name says a role: 1 in full, .6 by its last word, 0 not.

    Examples
    --------
    >>> likeness("STORE_NBR", "store"), likeness("netSales", "sales")
    (1.0, 1.0)
    >>> likeness("gross amount", "sales"), likeness("unit price", "units")
    (0.6, 0.0)
    >>> likeness("Sub-Category", "category"), likeness("Sub-Category", "need")
    (0.0, 1.0)
    """
    words = [word.lower() for word in WORD.findall(name)]
    while len(words) > 1 and words[-1] in ENDINGS:
        words.pop()
    if not words:
        return 0.0
    if "".join(words) in KNOWN[role]:
        return 1.0
    is_other = words[0] == "sub" or words[-1] in OTHER
    return 0.6 if words[-1] in KNOWN[role] and not is_other else 0.0


def mentions(name: str, role: str) -> bool:
    """Return whether one of the words of a name says a role.

    Examples
    --------
    >>> mentions("SALES_W1", "sales"), mentions("UNITS_W1", "sales")
    (True, False)
    """
    return any(word.lower() in KNOWN[role] for word in WORD.findall(name))


def is_called_other(name: str) -> bool:
    """Return whether a name says that a column is something else, such as a price."""
    words = [word.lower() for word in WORD.findall(name)]
    return bool(words) and words[-1] in OTHER
