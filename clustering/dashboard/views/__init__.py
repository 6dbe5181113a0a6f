"""The pages, in the order of the navigation."""

from clustering.dashboard.view import View
from clustering.dashboard.views import (
    clusters,
    corrections,
    k_choice,
    migrations,
    new_store,
    overview,
    quality,
    recommendations,
    scenarios,
    store,
    store_map,
    versions,
)

SECTIONS: dict[str, list[View]] = {
    "Clusters": [
        overview.VIEW,
        clusters.VIEW,
        store_map.VIEW,
        store.VIEW,
        new_store.VIEW,
    ],
    "Decisions": [
        recommendations.VIEW,
        corrections.VIEW,
        migrations.VIEW,
        scenarios.VIEW,
        versions.VIEW,
    ],
    "Trust": [k_choice.VIEW, quality.VIEW],
}
