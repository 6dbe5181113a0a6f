with

published_clusters as (

    select * from {{ source('published', 'store_clusters') }}

),

published_migrations as (

    select * from {{ source('published', 'cluster_migrations') }}

),

run_fingerprint as (

    select * from {{ ref('run_fingerprint') }}

),

of_other_input as (

    select
        published_clusters.store_id,
        published_clusters.category,
        published_clusters.cluster_id,
        published_clusters.uncorrected_cluster as matched_cluster,
        published_clusters.cluster_name,
        published_clusters.run_id
    from published_clusters
    inner join run_fingerprint
        on published_clusters.run_id <> run_fingerprint.run_id

),

-- the same run again follows what it followed before, and so gives the same result;
-- compared with itself, it would say that nothing ever moved
of_the_run_before as (

    select
        published_migrations.store_id,
        published_migrations.category,
        published_migrations.previous_cluster_id as cluster_id,
        published_migrations.previous_uncorrected_cluster as matched_cluster,
        published_migrations.previous_cluster_name as cluster_name,
        published_migrations.previous_run_id as run_id
    from published_migrations
    inner join run_fingerprint
        on published_migrations.run_id = run_fingerprint.run_id
    where
        published_migrations.previous_cluster_id is not null
        and not exists (select 1 from of_other_input)

),

united as (

    select * from of_other_input
    union all
    select * from of_the_run_before

)

select * from united
