with

published_k as (

    select * from {{ ref('stg_published_k') }}

),

-- what a person fixed is not the program's choice, and goes when the person says so
chosen as (

    select
        category,
        side,
        k
    from published_k
    where is_chosen and not is_fixed

)

select * from chosen
