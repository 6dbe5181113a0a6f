with

internal_candidates as (

    select * from {{ ref('internal_ranked_candidates') }}

),

external_candidates as (

    select * from {{ ref('external_ranked_candidates') }}

),

scopes as (

    select * from {{ ref('external_scopes') }}

),

united as (

    select
        'internal' as side,
        *
    from internal_candidates
    union all
    select
        'external' as side,
        external_candidates.* replace (scopes.category as category)
    from scopes
    inner join external_candidates
        on scopes.scope = external_candidates.category

)

select * from united
