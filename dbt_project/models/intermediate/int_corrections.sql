with

-- the header is line 1 of a seed
written as (

    select
        'excluded_stores' as seed,
        row_number() over () + 1 as seed_line,
        'exclude' as action,
        store_id,
        category,
        null as side,
        null as cluster_id,
        null as value,
        reason,
        author,
        expires_on
    from {{ ref('excluded_stores') }}
    union all
    select
        'fixed_k' as seed,
        row_number() over () + 1 as seed_line,
        'fix_k' as action,
        null as store_id,
        category,
        side,
        null as cluster_id,
        k as value,
        reason,
        author,
        expires_on
    from {{ ref('fixed_k') }}
    union all
    select
        'store_corrections' as seed,
        row_number() over () + 1 as seed_line,
        action,
        store_id,
        category,
        null as side,
        cluster_id,
        null as value,
        reason,
        author,
        expires_on
    from {{ ref('store_corrections') }}
    union all
    select
        'cluster_corrections' as seed,
        row_number() over () + 1 as seed_line,
        action,
        null as store_id,
        category,
        null as side,
        cluster_id,
        value,
        reason,
        author,
        expires_on
    from {{ ref('cluster_corrections') }}

),

typed as (

    select
        seed,
        cast(seed_line as integer) as seed_line,
        lower(nullif(trim(action), '')) as action,
        nullif(trim(store_id), '') as store_id,
        nullif(trim(category), '') as category,
        lower(nullif(trim(side), '')) as side,
        cast(nullif(trim(cluster_id), '') as integer) as cluster_id,
        nullif(trim(value), '') as value,
        nullif(trim(reason), '') as reason,
        nullif(trim(author), '') as author,
        cast(nullif(trim(expires_on), '') as date) as expires_on
    from written

)

select
    *,
    coalesce(expires_on < {{ today() }}, false) as is_expired
from typed
