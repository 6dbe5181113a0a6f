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
        -- numbers that only name a store or a day: ids, keys, postcodes, 20250131
        count(level) = 0
        and bool_and(value = floor(value))
        and (
            regexp_matches(feature, '(?i)(^|[_ ]|zip)(id|key|zip|code|nbr|phone)$')
            or min(value) >= 19000101 and max(value) <= 21001231
            or count(*) >= 10
            and count(distinct value) = count(*)
            and max(value) - min(value) + 1 = count(*)
        ) as is_identifier
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
                is_identifier
                and feature not in ({{ text_list(var('must_keep_columns')) }})
                then 'identifier'
            when
                is_categorical and distinct_count > {{ var('max_levels') }}
                then 'too_many_levels'
        end as reason
    from described

)

select * exclude (is_identifier) from reasoned
