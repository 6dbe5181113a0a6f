with

external_values as (

    select * from {{ ref('int_external_values') }}

),

described as (

    select
        category,
        feature,
        count(level) > 0 as is_categorical,
        count(distinct store_id) as store_count,
        count(distinct coalesce(level, cast(value as varchar))) as distinct_count
    from external_values
    group by category, feature

),

reasoned as (

    select
        *,
        case
            when category is not null and '{{ var("external_scope") }}' = 'global'
                then 'of_one_category'
            when feature in ('latitude', 'longitude') then 'coordinate'
            when
                feature in ({{ text_list(var('excluded_external_columns')) }})
                then 'excluded'
            when distinct_count = 1 then 'constant'
            when
                is_categorical and distinct_count > {{ var('max_levels') }}
                then 'too_many_levels'
        end as reason
    from described

)

select * from reasoned
