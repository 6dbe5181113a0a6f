from ml import describe_features


def model(dbt, session):
    features = dbt.ref("known_features").df()
    labels = dbt.ref("feature_labels").df()
    return describe_features(features, labels)
