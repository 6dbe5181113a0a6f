with

written as (

    select * from {{ ref('stg_corrections') }}

),

typed as (

    select
        seed,
        seed_line,
        action,
        store_id,
        category,
        side,
        cast(cluster_id as integer) as cluster_id,
        value,
        reason,
        author,
        cast(expires_on as date) as expires_on,
        coalesce(cast(expires_on as date) < {{ today() }}, false) as is_expired
    from written

)

select * from typed
