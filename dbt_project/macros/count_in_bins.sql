{#
    Stores of each feature by bin, from 1: of values, one row per store and feature, in
    bins with the upper edges of the feature, a list in rising order.
#}
{% macro count_in_bins(feature_values, edges) -%}
    select
        {{ feature_values }}.category,
        {{ feature_values }}.block,
        {{ feature_values }}.feature,
        1 + len(list_filter(
            {{ edges }}.upper_edges, lambda edge: edge < {{ feature_values }}.value
        )) as bin,
        count(*) as store_count
    from {{ feature_values }}
    inner join {{ edges }}
        on
            {{ feature_values }}.category = {{ edges }}.category
            and {{ feature_values }}.block = {{ edges }}.block
            and {{ feature_values }}.feature = {{ edges }}.feature
    group by all
{%- endmacro %}
