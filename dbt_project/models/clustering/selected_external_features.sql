with

external_features as (

    select * from {{ ref('store_external_features') }}

),

{% if var('external_feature_selection') == 'drivers' %}

    drivers as (

        select distinct
            category,
            feature
        from {{ ref('driver_importance') }}
        where is_used

    ),

    -- what holds in every category gets a row for each that it is used in. Two joins:
    -- one of all at once would try every category for every value
    selected as (

        select
            external_features.store_id,
            drivers.category,
            external_features.feature,
            external_features.value,
            external_features.level
        from external_features
        inner join drivers
            on external_features.feature = drivers.feature
        where external_features.category is null
        union all
        select
            external_features.store_id,
            external_features.category,
            external_features.feature,
            external_features.value,
            external_features.level
        from external_features
        inner join drivers
            on
                external_features.feature = drivers.feature
                and external_features.category = drivers.category

    )

{% else %}

    selected as (

        select
            store_id,
            category,
            feature,
            value,
            level
        from external_features

    )

{% endif %}

select * from selected
