with

changes as (

    select
        category,
        sum(stores_before) as stores_before,
        sum(stores_now) as stores_now,
        sum(shared_stores) as shared_stores,
        sum(kept_stores) as kept_stores
    from {{ ref('cluster_changes') }}
    group by category

),

migrations as (

    select
        category,
        count(*) filter (movement in ('stayed', 'moved', 'left')) as stores_before,
        count(*) filter (movement in ('stayed', 'moved', 'joined')) as stores_now,
        count(*) filter (movement in ('stayed', 'moved')) as shared_stores,
        count(*) filter (movement = 'stayed') as kept_stores
    from {{ ref('cluster_migrations') }}
    group by category

),

runs as (

    select
        category,
        count(*) filter (run = 'previous') as stores_before,
        count(*) filter (run = 'this') as stores_now
    from (
        select
            category,
            'previous' as run
        from {{ ref('previous_clusters') }}
        union all
        select
            category,
            'this' as run
        from {{ ref('store_clusters') }}
    )
    group by category

),

compared as (

    select
        coalesce(changes.category, migrations.category, runs.category) as category,
        changes.stores_before = migrations.stores_before
        and changes.stores_before = runs.stores_before
        and changes.stores_now = migrations.stores_now
        and changes.stores_now = runs.stores_now
        and changes.shared_stores = migrations.shared_stores
        and changes.kept_stores = migrations.kept_stores as adds_up
    from changes
    full outer join migrations
        on changes.category = migrations.category
    full outer join runs
        on changes.category = runs.category

)

select * from compared
where adds_up is distinct from true
