with

store_clusters as (

    select * from {{ ref('store_clusters') }}

),

in_force as (

    select * from {{ ref('effective_corrections') }}
    where state = 'in force'

),

held as (

    select * from in_force
    where action in ('move', 'lock')

),

merged as (

    select * from in_force
    where action = 'merge'

),

compared as (

    select
        store_clusters.store_id,
        store_clusters.category,
        store_clusters.cluster_id,
        store_clusters.uncorrected_cluster,
        store_clusters.assignment_method = 'override' as is_override,
        held.seed_line is not null as is_held,
        merged.seed_line is not null as is_merged
    from store_clusters
    left join held
        on
            store_clusters.store_id = held.store_id
            and store_clusters.category = held.category
    left join merged
        on
            store_clusters.category = merged.category
            and store_clusters.uncorrected_cluster = merged.cluster_id

)

select * from compared
where
    is_override <> is_held
    or (
        cluster_id <> uncorrected_cluster
        and not is_held
        and not is_merged
    )
