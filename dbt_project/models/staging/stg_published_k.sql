with

source as (

    select * from {{ source('published', 'k_selection') }}

),

selected as (

    select
        category,
        side,
        k,
        is_fixed,
        is_chosen
    from source

)

select * from selected
