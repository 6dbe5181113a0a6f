with

source as (

    select * from {{ source('published', 'feature_distributions') }}

),

selected as (

    select
        category,
        block,
        feature,
        column_name,
        level,
        bin,
        upper_edge,
        store_share,
        run_id
    from source

)

select * from selected
