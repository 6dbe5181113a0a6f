import pandas as pd

from ml import describe_features

FEATURE = "category, block, feature, column_name, level"


def model(dbt, session):
    now = dbt.ref("cluster_feature_means").project(FEATURE).distinct()
    everywhere = now.filter("block = 'external'").project(
        "* replace ('all categories' as category)"
    )
    # what the run before knew, and this one no longer does
    before = dbt.source("published", "feature_distributions").project(FEATURE)
    known = [now, everywhere.distinct(), before.distinct()]
    labels = dbt.ref("feature_labels").df()
    return describe_features(pd.concat(part.df() for part in known), labels)
