"""The pages, in the order of the navigation."""

from dashboard.view import View
from dashboard.views import overview

SECTIONS: dict[str, list[View]] = {
    "Clusters": [overview.VIEW],
}
