{% do check_seed_columns([
    ref('excluded_stores'),
    ref('fixed_k'),
    ref('store_corrections'),
    ref('cluster_corrections')
]) %}

with

-- the header is line 1 of a seed
excluded_stores as (

    select
        *,
        row_number() over () + 1 as seed_line
    from {{ ref('excluded_stores') }}

),

fixed_k as (

    select
        *,
        row_number() over () + 1 as seed_line
    from {{ ref('fixed_k') }}

),

store_corrections as (

    select
        *,
        row_number() over () + 1 as seed_line
    from {{ ref('store_corrections') }}

),

cluster_corrections as (

    select
        *,
        row_number() over () + 1 as seed_line
    from {{ ref('cluster_corrections') }}

),

united as (

    select
        'excluded_stores' as seed,
        'exclude' as action,
        *
    from excluded_stores
    union all by name
    select
        'fixed_k' as seed,
        'fix_k' as action,
        * rename (k as value)
    from fixed_k
    union all by name
    select
        'store_corrections' as seed,
        *
    from store_corrections
    union all by name
    select
        'cluster_corrections' as seed,
        *
    from cluster_corrections

),

trimmed as (

    select
        seed,
        cast(seed_line as integer) as seed_line,
        lower(nullif(trim(action), '')) as action,
        nullif(trim(store_id), '') as store_id,
        nullif(trim(category), '') as category,
        lower(nullif(trim(side), '')) as side,
        nullif(trim(cluster_id), '') as cluster_id,
        nullif(trim(value), '') as value,
        nullif(trim(reason), '') as reason,
        nullif(trim(author), '') as author,
        nullif(trim(expires_on), '') as expires_on
    from united

)

select * from trimmed
