with

published_clusters as (

    select * from {{ ref('stg_published_clusters') }}

),

counted as (

    select
        category,
        'internal' as side,
        count(distinct internal_cluster) as k
    from published_clusters
    group by category
    union all
    select
        {{ external_scope('category') }} as category,
        'external' as side,
        count(distinct external_cluster) as k
    from published_clusters
    group by all

)

select * from counted
