"""Names: categories with their need states, and padded numbers."""

import numpy as np
import pandas as pd

GENERIC_NEED_STATES = 9

BANK: dict[str, tuple[str, ...]] = {
    "COFFEE": (
        "EVERYDAY ROAST",
        "PREMIUM BEANS",
        "SINGLE SERVE PODS",
        "INSTANT CONVENIENCE",
        "DECAF",
        "ICED AND COLD BREW",
        "FLAVOURED TREAT",
        "ORGANIC FAIR TRADE",
        "BULK VALUE",
    ),
    "SHAMPOO": (
        "DAILY CLEAN",
        "MOISTURE REPAIR",
        "COLOUR PROTECTION",
        "ANTI DANDRUFF",
        "VOLUME BOOST",
        "CURL DEFINITION",
        "NATURAL CARE",
        "KIDS TEAR FREE",
        "SALON PREMIUM",
        "DRY REFRESH",
    ),
    "PAIN RELIEF": (
        "HEADACHE FAST ACTING",
        "MUSCLE AND JOINT",
        "CHILDREN'S FEVER",
        "MIGRAINE",
        "NIGHT TIME RELIEF",
        "TOPICAL RUB",
        "LOW DOSE ASPIRIN",
        "VALUE TABLETS",
    ),
    "SNACKS": (
        "SALTY SHARING",
        "LUNCHBOX SINGLES",
        "BETTER FOR YOU",
        "NUTS AND SEEDS",
        "MEAT AND PROTEIN",
        "SWEET BITES",
        "SPICY ADVENTURE",
        "POPCORN NIGHT",
        "GLUTEN FREE",
        "PREMIUM CRISPS",
    ),
    "BREAKFAST CEREAL": (
        "KIDS FAVOURITES",
        "HIGH FIBRE",
        "GRANOLA AND MUESLI",
        "HOT OATS",
        "PROTEIN START",
        "FAMILY CLASSICS",
        "ON THE GO",
        "ORGANIC GRAINS",
        "INDULGENT",
    ),
    "LAUNDRY": (
        "EVERYDAY LIQUID",
        "STAIN POWER",
        "SENSITIVE SKIN",
        "PODS CONVENIENCE",
        "FRESH SCENT",
        "COLD WASH ECO",
        "WOOL AND DELICATES",
        "BULK FAMILY",
    ),
    "PET FOOD": (
        "DRY DOG STAPLES",
        "WET DOG MEALS",
        "DRY CAT STAPLES",
        "WET CAT GOURMET",
        "PUPPY AND KITTEN",
        "SENIOR CARE",
        "GRAIN FREE",
        "TREATS AND CHEWS",
        "WEIGHT CONTROL",
        "SMALL ANIMALS",
    ),
    "SKIN CARE": (
        "DAILY MOISTURE",
        "ANTI AGEING",
        "ACNE CONTROL",
        "SUN PROTECTION",
        "SENSITIVE CALM",
        "CLEANSE AND TONE",
        "MASKS AND TREATMENTS",
        "MEN'S CARE",
        "HAND AND BODY",
    ),
    "YOGURT": (
        "GREEK PROTEIN",
        "KIDS POUCHES",
        "FRUIT ON THE BOTTOM",
        "PLAIN COOKING",
        "PLANT BASED",
        "PROBIOTIC HEALTH",
        "DESSERT TREAT",
        "DRINKABLE",
    ),
    "BEER": (
        "MAINSTREAM LAGER",
        "CRAFT IPA",
        "IMPORTED PREMIUM",
        "LIGHT AND LOW CARB",
        "ALCOHOL FREE",
        "STOUT AND PORTER",
        "WHEAT AND SOUR",
        "VALUE MULTIPACK",
        "SEASONAL SPECIALS",
    ),
    "VITAMINS": (
        "DAILY MULTI",
        "IMMUNITY",
        "BONE AND JOINT",
        "WOMEN'S HEALTH",
        "KIDS GUMMIES",
        "ENERGY AND FOCUS",
        "SLEEP AND CALM",
        "OMEGA AND HEART",
        "DIGESTIVE BALANCE",
        "SPORTS RECOVERY",
    ),
    "TEA": (
        "EVERYDAY BLACK",
        "GREEN WELLNESS",
        "HERBAL CALM",
        "FRUIT INFUSION",
        "PREMIUM LOOSE LEAF",
        "CHAI AND SPICE",
        "ICED TEA MIX",
        "DETOX FUNCTIONAL",
    ),
}


def name_category(number: int) -> str:
    """Return the name of a category by its place, counted from 0.

    Examples
    --------
    >>> name_category(0), name_category(12)
    ('COFFEE', 'CATEGORY 13')
    """
    return list(BANK)[number] if number < len(BANK) else f"CATEGORY {number + 1}"


def name_need_states(number: int) -> tuple[str, ...]:
    """Return the need states of a category by its place, counted from 0.

    Examples
    --------
    >>> name_need_states(0)[:2], name_need_states(40)[2]
    (('EVERYDAY ROAST', 'PREMIUM BEANS'), 'NEED STATE 3')
    """
    generic = tuple(f"NEED STATE {n + 1}" for n in range(GENERIC_NEED_STATES))
    return BANK.get(name_category(number), generic)


def measure_store_width(stores: int) -> int:
    """Return the digits of a store number, at least 4."""
    return max(4, len(str(stores)))


def measure_sku_width(skus: int) -> int:
    """Return the digits of a SKU number, with room above for unknown SKUs."""
    return max(6, len(str(skus)) + 1)


def pad_numbers(numbers: np.ndarray, *, width: int) -> pd.Series:
    """Return numbers as text with leading zeros.

    Examples
    --------
    >>> pad_numbers(np.array([42]), width=4).tolist()
    ['0042']
    """
    return pd.Series(numbers).astype(str).str.zfill(width)
