with

eligibility as (

    select * from {{ ref('store_eligibility') }}

),

scopes as (

    select * from {{ ref('external_scopes') }}

),

scoped as (

    select
        eligibility.store_id,
        scopes.scope as category,
        bool_or(eligibility.is_eligible) as is_eligible
    from eligibility
    inner join scopes
        on eligibility.category = scopes.category
    group by eligibility.store_id, scopes.scope

)

select * from scoped
