with

source as (

    select * from {{ source('published', 'cluster_migrations') }}

),

selected as (

    select
        store_id,
        category,
        previous_cluster_id,
        previous_uncorrected_cluster as previous_matched_cluster,
        previous_cluster_name,
        previous_run_id,
        run_id
    from source

)

select * from selected
