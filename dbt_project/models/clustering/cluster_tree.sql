with

leaves as (

    select distinct
        category,
        basis,
        leaf,
        path
    from {{ ref('planning_stores') }}

),

levels as (

    select
        category,
        basis,
        leaf,
        generate_subscripts(path, 1) as clusters,
        unnest(path) as cluster_number
    from leaves

),

joined_leaves as (

    select
        category,
        basis,
        clusters,
        list(leaf order by leaf) as leaves
    from levels
    -- one range for all is there to compare with, whatever split rules forbid
    where cluster_number > 0 or clusters = 1
    group by category, basis, clusters, cluster_number

),

-- the same stores are the same node, whatever the number of clusters
numbered as (

    select
        category,
        basis,
        cast(clusters as integer) as clusters,
        unnest(leaves) as leaf,
        dense_rank() over (
            partition by category, basis
            order by len(leaves) desc, leaves
        ) as node
    from joined_leaves

)

select * from numbered
