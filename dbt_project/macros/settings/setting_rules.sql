{#
    What each setting may be; dbt_project.yml says what it means.

    type: as in `is_of_type`, or one_of: the choices. minimum and maximum are values
    that are allowed, above is one that is not. None of them may be null.
#}
{% macro setting_rules() %}

{{ return({
    'excluded_categories': {'type': 'a list of texts'},
    'excluded_external_columns': {'type': 'a list of texts'},
    'max_levels': {'type': 'a whole number', 'minimum': 1},
    'min_active_periods': {'type': 'a whole number', 'minimum': 1},
    'max_quarantined_share': {'type': 'a number', 'minimum': 0, 'maximum': 1},

    'share_transform': {'one_of': [
        'share', 'hellinger', 'cube_root', 'power', 'clr'
    ]},
    'share_exponent': {'type': 'a number', 'above': 0, 'maximum': 1},
    'shrink_shares': {'type': 'true or false'},
    'max_same_value': {'type': 'a number', 'minimum': 0, 'maximum': 1},
    'max_correlation': {'type': 'a number', 'minimum': 0, 'maximum': 1},
    'imputation': {'one_of': ['mean', 'median', 'most_frequent', 'knn']},
    'internal_scaling': {'one_of': ['robust', 'standard', 'minmax', 'none']},
    'external_scaling': {'one_of': ['robust', 'standard', 'minmax', 'none']},
    'scaled_limit': {'type': 'a number', 'above': 0},
    'outlier_score': {'type': 'a number', 'above': 0, 'maximum': 1},
    'external_scope': {'one_of': ['auto', 'category', 'global']},
    'external_feature_selection': {'one_of': ['all', 'drivers']},
    'driver_share': {'type': 'a number', 'above': 0, 'maximum': 1},
    'must_keep_columns': {'type': 'a list of texts'},
    'external_reduction': {'one_of': ['pca', 'famd']},
    'n_components': {'type': 'a share below 1 or a whole number', 'above': 0},

    'algorithm': {'one_of': [
        'kmeans', 'minibatch_kmeans', 'gmm', 'agglomerative', 'birch', 'hdbscan'
    ]},
    'min_clusters': {'type': 'a whole number', 'minimum': 2},
    'max_clusters': {'type': 'a whole number', 'minimum': 2},
    'min_cluster_size': {'type': 'a whole number', 'minimum': 1},
    'max_cluster_size': {'type': 'a whole number', 'minimum': 0},
    'min_cluster_share': {'type': 'a number', 'minimum': 0, 'maximum': 0.5},
    'max_size_floor_share': {'type': 'a number', 'minimum': 0, 'maximum': 1},
    'n_init': {'type': 'a whole number', 'minimum': 1},
    'random_state': {'type': 'a whole number', 'minimum': 0, 'maximum': 4294967295},
    'stability_resamples': {'type': 'a whole number', 'minimum': 2},
    'final_margin': {'type': 'a number', 'minimum': 0, 'maximum': 1},
    'k_margin': {'type': 'a number', 'minimum': 0, 'maximum': 2},
    'min_stability': {'type': 'a number', 'minimum': 0, 'maximum': 1},
    'bootstrap_resamples': {'type': 'a whole number', 'minimum': 2},

    'total_final_clusters': {'type': 'a whole number', 'minimum': 0},
    'internal_weight': {'type': 'a number', 'minimum': 0},
    'external_weight': {'type': 'a number', 'minimum': 0},
    'max_final_clusters': {'type': 'a whole number', 'minimum': 1},
    'min_final_clusters': {'type': 'a whole number', 'minimum': 1},
    'primary_side': {'one_of': ['auto', 'internal', 'external']},
    'rebalance_mode': {'one_of': ['store', 'cluster']},
    'label_continuity': {'type': 'true or false'},
    'volume_bands': {'type': 'a list of texts'},

    'max_recommendations': {'type': 'a whole number', 'minimum': 1},
}) }}

{% endmacro %}
