{# What is fine by itself, and impossible together. #}
{% macro check_settings_together() %}

{% if var('min_clusters') > var('max_clusters') %}
    {% do settings_error(
        'got min_clusters=' ~ var('min_clusters') ~ ' and max_clusters='
        ~ var('max_clusters') ~ ', expected min_clusters to be at most max_clusters'
    ) %}
{% endif %}

{% if var('min_final_clusters') > var('max_final_clusters') %}
    {% do settings_error(
        'got min_final_clusters=' ~ var('min_final_clusters')
        ~ ' and max_final_clusters=' ~ var('max_final_clusters')
        ~ ', expected min_final_clusters to be at most max_final_clusters'
    ) %}
{% endif %}

{% set largest = var('max_cluster_size') %}
{% if largest and largest < 2 * var('min_cluster_size') %}
    {% do settings_error(
        'got max_cluster_size=' ~ largest ~ ' and min_cluster_size='
        ~ var('min_cluster_size') ~ ', expected max_cluster_size to be 0 (no maximum)'
        ~ ' or at least twice min_cluster_size'
    ) %}
{% endif %}

{% if var('internal_weight') + var('external_weight') == 0 %}
    {% do settings_error(
        'got internal_weight=0 and external_weight=0, expected one of them above 0'
    ) %}
{% endif %}

{% if var('external_scope') == 'global' and var('external_feature_selection') != 'all' %}
    {% do settings_error(
        'got external_scope=global and external_feature_selection='
        ~ var('external_feature_selection') ~ ', expected all: drivers are those of a'
        ~ ' category, so they need external_scope=auto or category'
    ) %}
{% endif %}

{% endmacro %}
