"""Versions: the decisions about them, and what one changes in the live version."""

from collections.abc import Iterable, Sequence

import pandas as pd

from clustering.queries.comparison import retention
from clustering.store.runs import Reader, StoredRun
from clustering.store.versions import Version

QUALITY = """
    select category, cluster_count, silhouette
    from cluster_quality
"""

MOMENTS = ["created_at", "decided_at", "effective_from", "effective_to"]


def history(versions: Sequence[Version], *, kept: Iterable[str]) -> pd.DataFrame:
    """Return one row per version, the newest first.

    Parameters
    ----------
    versions : sequence of Version
        All versions, the newest first.
    kept : iterable of str
        Names of the runs whose files are still there.

    Returns
    -------
    DataFrame
        number, state, scenario, created_at, decided_by, decided_at, reason,
        effective_from and effective_to (when it was last live), run, is_kept;
        all times in UTC.
    """
    kept = set(kept)
    rows = [vars(version) | {"is_kept": version.run in kept} for version in versions]
    frame = pd.DataFrame(rows, columns=[*Version.__dataclass_fields__, "is_kept"])
    # Excel knows no time zones
    moments = {
        name: pd.to_datetime(frame[name], utc=True).dt.tz_convert(None)
        for name in MOMENTS
    }
    return frame.assign(**moments)


def changes(run: StoredRun, served: StoredRun) -> pd.DataFrame:
    """Return one row per category: what changes once ``run`` is live.

    Returns
    -------
    DataFrame
        What :func:`clustering.queries.comparison.retention` has, that of ``served``
        being before; cluster_count and silhouette, each also as served_...; those that
        keep the fewest stores first.
    """
    now, before = (each.read(QUALITY).set_index("category") for each in (run, served))
    both = now.join(before.add_prefix("served_"), how="outer").reset_index()
    return (
        retention(run, served)
        .merge(both, on="category", how="left")
        .sort_values(["retention", "category"], ignore_index=True)
    )


def drift(run: Reader) -> pd.DataFrame:
    """Return one row per category: how far what is known of its stores has shifted.

    It is since the version that was live when ``run`` was built.

    Returns
    -------
    DataFrame
        category, features_shifted, features_changed, largest_psi and
        most_shifted_feature; the largest shift first.
    """
    return run.read(
        """
        select
            category,
            features_shifted,
            features_changed,
            largest_psi,
            most_shifted_feature
        from category_drift
        order by largest_psi desc nulls last, category
        """
    )


def shifted_features(run: Reader) -> pd.DataFrame:
    """Return one row per feature that is not stable, the largest shift first.

    Returns
    -------
    DataFrame
        category, feature, label, band and psi, the population stability index; null
        for a feature that only one of the runs has.
    """
    shifted = run.read(
        """
        select category, columns('^(feature|label|band|psi)$')
        from feature_drift
        where band != 'stable'
        order by psi desc nulls last, category, feature
        """
    )
    # earlier versions wrote no labels
    return shifted if "label" in shifted else shifted.assign(label=shifted["feature"])
