with

external_values as (

    select * from {{ ref('int_external_values') }}

),

catalog as (

    select * from {{ ref('external_feature_catalog') }}

),

labels as (

    select
        external_values.store_id,
        external_values.feature as label_name,
        coalesce(
            external_values.level,
            cast(try_cast(external_values.value as bigint) as varchar),
            cast(external_values.value as varchar)
        ) as label
    from external_values
    inner join catalog
        on
            external_values.feature = catalog.feature
            and external_values.category is not distinct from catalog.category
    where
        external_values.category is null
        and (catalog.is_categorical or catalog.reason = 'identifier')
        and label is not null

)

select * from labels
order by store_id, label_name
