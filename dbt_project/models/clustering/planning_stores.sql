with

paths as (

    select * from {{ ref('final_cluster_paths') }}

),

-- tenths of a category's stores, the same for every basis and in every build
folded as (

    select
        store_id,
        category,
        basis,
        leaf,
        path,
        (
            row_number() over (
                partition by category, basis
                order by md5(store_id), store_id
            ) - 1
        ) % 10 as fold
    from paths

)

select * from folded
