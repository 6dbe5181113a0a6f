with

fixed_k as (

    select * from {{ ref('fixed_k') }}

),

categories as (

    select
        'internal' as side,
        category
    from {{ ref('store_eligibility') }}
    union
    select
        'external' as side,
        category
    from {{ ref('external_stores') }}

),

unknown as (

    select fixed_k.*
    from fixed_k
    left join categories
        on
            fixed_k.category = categories.category
            and fixed_k.side = categories.side
    where categories.category is null

)

select * from unknown
