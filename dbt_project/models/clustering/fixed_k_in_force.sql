with

corrections as (

    select * from {{ ref('int_corrections') }}

),

in_force as (

    select
        category,
        side,
        cast(value as integer) as k
    from corrections
    where action = 'fix_k' and not is_expired

)

select * from in_force
