{#
    How many stores a final cluster needs in a category of so many: the larger of a
    count (itself at most a share of the stores) and a share, as in ml.sizes. In
    decimals: 0.07 * 100 is more than 7 in floats.
#}
{% macro cluster_size_floor(store_count) -%}
    greatest(
        least(
            {{ var('min_cluster_size') }},
            ceil(
                cast({{ var('max_size_floor_share') }} as decimal(10, 9))
                * cast({{ store_count }} as integer)
            )
        ),
        ceil(
            cast({{ var('min_cluster_share') }} as decimal(10, 9))
            * cast({{ store_count }} as integer)
        ),
        1
    )
{%- endmacro %}
