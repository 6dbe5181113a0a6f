with

eligibility as (

    select * from {{ ref('store_eligibility') }}

),

scoped as (

    select
        store_id,
        {{ external_scope('category') }} as category,
        bool_or(is_eligible) as is_eligible
    from eligibility
    group by all

)

select * from scoped
