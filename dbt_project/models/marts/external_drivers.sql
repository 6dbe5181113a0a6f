with

driver_importance as (

    select * from {{ ref('driver_importance') }}

),

feature_words as (

    select
        category,
        column_name,
        level,
        label
    from {{ ref('feature_words') }}
    where block = 'external'

),

labelled as (

    select
        driver_importance.*,
        coalesce(feature_words.label, driver_importance.feature) as label
    from driver_importance
    left join feature_words
        on
            driver_importance.category = feature_words.category
            and driver_importance.feature = feature_words.column_name
            and driver_importance.level is not distinct from feature_words.level

),

directed as (

    select
        category,
        cast(internal_cluster as integer) as internal_cluster,
        feature,
        level,
        round(importance, 6) as importance,
        round(importance_share, 6) as importance_share,
        cast(importance_rank as integer) as importance_rank,
        round(skill, 6) as skill,
        is_selected,
        is_used,
        reason_code,
        words.driver_reason(reason_code) as reason,
        -- a fifth of a standard deviation: what Cohen (1988) calls a small difference
        case
            when standard_difference >= 0.2 then 'higher'
            when standard_difference <= -0.2 then 'lower'
            when standard_difference is not null then 'as average'
        end as direction,
        round(cluster_mean, 6) as cluster_mean,
        round(category_mean, 6) as category_mean,
        round(standard_difference, 6) as standard_difference,
        label
    from labelled

)

select * from directed
order by category, internal_cluster, importance_rank, feature
