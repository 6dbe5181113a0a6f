with

store_clusters as (

    select * from {{ ref('store_clusters') }}

),

store_misfits as (

    select * from {{ ref('store_misfits') }}

),

centres as (

    select * from {{ ref('cluster_centres') }}
    where side = 'final'

),

-- root mean square over the stores that the centres are the means of
usual as (

    select
        category,
        sqrt(
            sum(
                store_count * variance * len(cast(centre as double[])) order by cluster
            ) / sum(store_count)
        ) as usual_distance
    from centres
    group by category

),

joined as (

    select
        store_clusters.store_id,
        store_clusters.category,
        store_clusters.cluster_id,
        store_clusters.cluster_name,
        store_clusters.distance_to_centroid,
        round(usual.usual_distance, 6) as usual_distance,
        round(
            store_clusters.distance_to_centroid / nullif(usual.usual_distance, 0), 6
        ) as distance_ratio,
        store_clusters.next_best_cluster,
        store_clusters.next_best_distance,
        store_clusters.assignment_probability,
        case
            when store_misfits.misfit_since is not null then 'misfit'
            when store_misfits.periods > 0 then 'fits'
            else 'not_judged'
        end as fit_code,
        cast(coalesce(store_misfits.periods, 0) as integer) as periods_since_fit,
        round(store_misfits.evidence, 6) as misfit_evidence,
        cast(store_misfits.sells_like_cluster as integer)
            as sells_like_internal_cluster,
        cast(store_misfits.misfit_since as date) as misfit_since,
        store_clusters.run_id
    from store_clusters
    left join store_misfits
        on
            store_clusters.store_id = store_misfits.store_id
            and store_clusters.category = store_misfits.category
    left join usual
        on store_clusters.category = usual.category

)

select * from joined
order by category, store_id
