with

feature_means as (

    select * from {{ ref('cluster_feature_means') }}

),

published_distributions as (

    select * from {{ ref('stg_published_distributions') }}

),

united as (

    select
        category,
        block,
        feature
    from feature_means
    union
    select
        'all categories' as category,
        block,
        feature
    from feature_means
    where block = 'external'
    union
    -- also what the run before knew and this one no longer does
    select
        category,
        block,
        feature
    from published_distributions

)

select * from united
