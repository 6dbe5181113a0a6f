with

internal_candidates as (

    select * from {{ ref('internal_ranked_candidates') }}

),

external_candidates as (

    select * from {{ ref('external_ranked_candidates') }}

),

categories as (

    select distinct category from {{ ref('store_eligibility') }}

),

united as (

    select
        'internal' as side,
        *
    from internal_candidates
    union all
    select
        'external' as side,
        external_candidates.* replace (categories.category as category)
    from categories
    inner join external_candidates
        on {{ external_scope('categories.category') }} = external_candidates.category

)

select * from united
