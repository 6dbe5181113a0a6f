with

corrections as (

    select * from {{ ref('int_corrections') }}

),

in_force as (

    select
        category,
        cast(value as integer) as clusters
    from corrections
    where action = 'fix_k' and side = 'final' and not is_expired

)

select * from in_force
