with

external_values as (

    select * from {{ ref('int_external_values') }}

),

catalog as (

    select * from {{ ref('external_feature_catalog') }}

),

used as (

    select
        external_values.store_id,
        external_values.category,
        external_values.feature,
        external_values.value,
        external_values.level
    from external_values
    inner join catalog
        on
            external_values.feature = catalog.feature
            and external_values.category is not distinct from catalog.category
    where catalog.reason is null

)

select * from used
order by store_id, category, feature
