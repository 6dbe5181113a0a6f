{# Every cluster has `min_value` stores, unless it is the category's only one. #}
{% test cluster_min_size(model, column_name, min_value) %}

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
        count(*) over (partition by category) as cluster_count
    from sized

)

select * from compared
where cluster_count > 1 and store_count < {{ min_value }}

{% endtest %}
