with

paths as (

    select * from {{ ref('final_cluster_paths') }}

),

bases as (

    select distinct
        category,
        basis
    from {{ ref('ranked_finals') }}
    where is_chosen_basis

),

-- tenths of a category's stores, the same for every basis and in every build
folded as (

    select
        paths.store_id,
        paths.category,
        paths.basis,
        paths.leaf,
        {{ as_list('paths.path', 'integer') }} as path,
        (
            row_number() over (
                partition by paths.category, paths.basis
                order by md5(paths.store_id), paths.store_id
            ) - 1
        ) % 10 as fold
    from paths
    inner join bases
        on
            paths.category = bases.category
            and paths.basis = bases.basis

)

select * from folded
