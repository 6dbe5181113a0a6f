with

source as (

    select * from {{ source('published', 'feature_drift') }}

),

selected as (

    select
        category,
        block,
        feature,
        psi,
        band,
        previous_run_id,
        run_id
    from source

)

select * from selected
