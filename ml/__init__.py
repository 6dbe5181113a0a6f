"""The method: from store features to clusters.

Pure functions and scikit-learn estimators on frames and arrays; this package
knows no dbt and no files. The pipeline calls it in this order:

>>> from ml.prepare import prepare  # features -> components per store
>>> from ml.candidates import score_candidates  # components -> scores per k
>>> from ml.cluster import fit_clusters  # components and k -> clusters
>>> from ml.drivers import find_drivers  # external features that explain clusters
>>> from ml.final import merge_finals  # both sides -> final clusters, many to few
>>> from ml.firmness import score_finals  # and how well each number is reproduced
>>> from ml.finish import finish_clusters  # as many as are wanted, placed
>>> from ml.continuity import continue_labels  # and the last run's -> their numbers
"""
