with

internal_clusters as (

    select * from {{ ref('internal_clusters') }}

),

external_clusters as (

    select * from {{ ref('external_clusters') }}

),

scopes as (

    select * from {{ ref('external_scopes') }}

),

internal_prepared as (

    select * from {{ ref('internal_prepared') }}

),

external_prepared as (

    select * from {{ ref('external_prepared') }}

),

store_split_values as (

    select * from {{ ref('store_split_values') }}

),

paired as (

    select
        internal_clusters.store_id,
        internal_clusters.category,
        internal_prepared.components as internal_components,
        external_prepared.components as external_components,
        internal_clusters.cluster as internal_cluster,
        external_clusters.cluster as external_cluster,
        internal_clusters.probability as internal_probability,
        external_clusters.probability as external_probability,
        internal_clusters.is_fitted as internal_is_fitted,
        coalesce(external_clusters.is_fitted, false) as external_is_fitted,
        internal_clusters.is_outlier
        or coalesce(external_clusters.is_outlier, false) as is_outlier,
        store_split_values.split_value
    from internal_clusters
    inner join scopes
        on internal_clusters.category = scopes.category
    left join external_clusters
        on
            internal_clusters.store_id = external_clusters.store_id
            and scopes.scope = external_clusters.category
    inner join internal_prepared
        on
            internal_clusters.store_id = internal_prepared.store_id
            and internal_clusters.category = internal_prepared.category
    left join external_prepared
        on
            internal_clusters.store_id = external_prepared.store_id
            and external_clusters.category = external_prepared.category
    left join store_split_values
        on
            internal_clusters.store_id = store_split_values.store_id
            and internal_clusters.category = store_split_values.category

)

select * from paired
