with

corrections as (

    select * from {{ ref('int_corrections') }}
    where not is_expired

),

named as (

    select
        category,
        cluster_id
    from corrections
    where cluster_id is not null
    union
    select
        category,
        cast(value as integer) as cluster_id
    from corrections
    where action = 'merge'

)

select * from named
