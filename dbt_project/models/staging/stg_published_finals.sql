with

source as (

    select * from {{ source('published', 'final_cluster_candidates') }}

),

selected as (

    select
        category,
        clusters,
        basis,
        is_fixed,
        is_chosen
    from source

)

select * from selected
