with

of_either_run as (

    select
        store_id,
        category
    from {{ ref('previous_clusters') }}
    union
    select
        store_id,
        category
    from {{ ref('store_clusters') }}

),

migrations as (

    select
        store_id,
        category
    from {{ ref('cluster_migrations') }}

)

(
    select * from of_either_run
    except
    select * from migrations
)
union all
(
    select * from migrations
    except
    select * from of_either_run
)
