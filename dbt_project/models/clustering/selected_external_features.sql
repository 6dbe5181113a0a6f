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

    scopes as (

        select * from {{ ref('external_scopes') }}

    ),

    sizes as (

        select
            scope,
            count(*) as category_count
        from scopes
        group by scope

    ),

    means as (

        select
            category,
            feature,
            nullif(avg(abs(value) order by store_id), 0) as mean_value
        from external_features
        where category is not null
        group by category, feature

    ),

    -- what categories of one scope say of a store is comparable in parts of their means
    scaled as (

        select
            external_features.* replace (case
                when sizes.category_count = 1 then external_features.value
                else
                    coalesce(
                        external_features.value / means.mean_value,
                        external_features.value
                    )
            end as value),
            scopes.scope
        from external_features
        inner join scopes
            on external_features.category = scopes.category
        inner join sizes
            on scopes.scope = sizes.scope
        inner join means
            on
                external_features.category = means.category
                and external_features.feature = means.feature

    ),

    selected as (

        select
            store_id,
            category,
            feature,
            value,
            level
        from external_features
        where category is null
        union all
        select
            store_id,
            scope as category,
            feature,
            avg(value order by category) as value,
            arg_min(level, category) as level
        from scaled
        group by store_id, scope, feature

    )

{% endif %}

select * from selected
