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
        count(distinct coalesce(level, cast(value as varchar))) as distinct_count,
        count(level) = 0 and rules.is_identifier(feature, value) as is_identifier
    from external_values
    group by category, feature

),

reasoned as (

    select
        *,
        case
            when category is not null and '{{ var("external_scope") }}' = 'global'
                then 'of_one_category'
            else
                rules.unused_reason(
                    feature,
                    is_categorical,
                    is_identifier,
                    distinct_count,
                    [{{ text_list(var('excluded_external_columns')) }}],
                    [{{ text_list(var('must_keep_columns')) }}],
                    {{ var('max_levels') }}
                )
        end as reason
    from described

)

select * exclude (is_identifier) from reasoned
order by category, feature
