{# Every cluster has as many stores as it needs, unless it is the category's only one. #}
{% test cluster_min_size(model, column_name) %}

with

sized as (

    select
        category,
        {{ column_name }},
        count(*) as store_count
    from {{ model }}
    group by category, {{ column_name }}

),

compared as (

    select
        *,
        count(*) over (partition by category) as cluster_count,
        sum(store_count) over (partition by category) as category_size
    from sized

)

select * from compared
where
    cluster_count > 1
    and store_count < {{ cluster_size_floor('category_size') }}

{% endtest %}
