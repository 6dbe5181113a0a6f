with

source as (

    select * from {{ source('published', 'store_clusters') }}

),

selected as (

    select
        store_id,
        category,
        cluster_id,
        uncorrected_cluster as matched_cluster,
        cluster_name,
        run_id
    from source

)

select * from selected
