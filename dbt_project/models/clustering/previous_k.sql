with

published_k as (

    select * from {{ ref('stg_published_k') }}

),

-- what a person fixed is not the program's choice, and goes when the person says so
chosen as (

    select
        case
            when side = 'external' then {{ external_scope('category') }}
            else category
        end as category,
        side,
        k
    from published_k
    where is_chosen and not is_fixed

),

grouped as (

    select
        category,
        side,
        max(k) as k
    from chosen
    group by category, side

)

select * from grouped
