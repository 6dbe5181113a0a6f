with

scopes as (

    select * from {{ ref('external_scopes') }}

),

ranked as (

    {{ rank_candidates(
        ref('external_candidates'), 'external', scopes=ref('external_scopes')
    ) }}

),

of_scopes as (

    select
        category as scope,
        * exclude (category)
    from ranked

),

joined as (

    select
        scopes.category,
        of_scopes.*
    from scopes
    inner join of_scopes
        on scopes.scope = of_scopes.scope

)

select * from joined
