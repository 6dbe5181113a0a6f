with

feature_means as (

    select * from {{ ref('cluster_feature_means') }}

),

published_distributions as (

    select * from {{ ref('stg_published_distributions') }}

),

known_now as (

    select
        category,
        block,
        feature,
        column_name,
        level
    from feature_means
    union
    select
        'all categories' as category,
        block,
        feature,
        column_name,
        level
    from feature_means
    where block = 'external'

),

-- what the run before knew and this one no longer does
known_before as (

    select distinct
        published_distributions.category,
        published_distributions.block,
        published_distributions.feature,
        published_distributions.column_name,
        published_distributions.level
    from published_distributions
    left join known_now
        on
            published_distributions.category = known_now.category
            and published_distributions.block = known_now.block
            and published_distributions.feature = known_now.feature
    where known_now.feature is null

),

united as (

    select * from known_now
    union all
    select * from known_before

)

select * from united
