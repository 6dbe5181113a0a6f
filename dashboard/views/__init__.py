"""The pages, in the order of the navigation."""

from dashboard.view import View
from dashboard.views import clusters, overview, places, store

SECTIONS: dict[str, list[View]] = {
    "Clusters": [overview.VIEW, clusters.VIEW, places.VIEW, store.VIEW],
}
