with

joint_components as (

    select * from {{ ref('joint_components') }}

),

final_clusters as (

    select * from {{ ref('final_clusters') }}

),

joined as (

    select
        joint_components.*,
        final_clusters.cluster_id
    from joint_components
    inner join final_clusters
        on
            joint_components.store_id = final_clusters.store_id
            and joint_components.category = final_clusters.category

)

select * from joined
