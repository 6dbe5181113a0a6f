with

corrections as (

    select * from {{ ref('int_corrections') }}

),

numbered_clusters as (

    select
        store_id,
        category,
        matched_cluster
    from {{ ref('numbered_clusters') }}

),

previous_clusters as (

    select * from {{ ref('previous_clusters') }}

),

clusters as (

    select distinct
        category,
        matched_cluster as cluster_id
    from numbered_clusters

),

categories as (

    select
        category,
        string_agg(cluster_id, ', ' order by cluster_id) as known_clusters
    from clusters
    group by category

),

all_categories as (

    select string_agg(category, ', ' order by category) as known_categories
    from categories

),

targeted as (

    select
        corrections.*,
        numbered_clusters.matched_cluster,
        cast(case
            when corrections.action = 'merge'
                then try_cast(corrections.value as integer)
            when corrections.action in ('move', 'lock')
                then coalesce(
                    corrections.cluster_id,
                    previous_clusters.cluster_id,
                    numbered_clusters.matched_cluster
                )
        end as integer) as target_cluster
    from corrections
    left join numbered_clusters
        on
            corrections.store_id = numbered_clusters.store_id
            and corrections.category = numbered_clusters.category
    left join previous_clusters
        on
            corrections.store_id = previous_clusters.store_id
            and corrections.category = previous_clusters.category

),

-- what a correction is about is there no more, or never was; null where it is there
looked_up as (

    select
        targeted.*,
        all_categories.known_categories,
        categories.known_clusters,
        case
            when
                targeted.action <> 'fix_k'
                and categories.category is null
                then 'unknown_category'
            when targeted.store_id is not null and targeted.matched_cluster is null
                then 'not_sold'
            when
                targeted.store_id is null
                and targeted.cluster_id is not null
                and named_cluster.cluster_id is null
                then 'unknown_cluster'
            when
                targeted.target_cluster is not null
                and wanted_cluster.cluster_id is null
                then 'unknown_target'
        end as problem_code
    from targeted
    cross join all_categories
    left join categories
        on targeted.category = categories.category
    left join clusters as named_cluster
        on
            targeted.category = named_cluster.category
            and targeted.cluster_id = named_cluster.cluster_id
    left join clusters as wanted_cluster
        on
            targeted.category = wanted_cluster.category
            and targeted.target_cluster = wanted_cluster.cluster_id

),

judged as (

    select
        * exclude (is_expired),
        case
            when is_expired then 'expired'
            when problem_code is not null then 'stale'
            else 'in force'
        end as state
    from looked_up

)

select * from judged
