with

shares as (

    select * from {{ ref('store_need_state_shares') }}

),

external_features as (

    select * from {{ ref('store_external_features') }}

),

-- a need state that a store with sales does not sell is a share of zero
sellers as (

    select distinct
        store_id,
        category
    from shares

),

need_states as (

    select distinct
        category,
        need_state
    from shares

),

internal_values as (

    select
        sellers.store_id,
        sellers.category,
        'internal' as block,
        need_states.need_state as feature,
        need_states.need_state as column_name,
        cast(null as varchar) as level,
        coalesce(shares.sales_share, 0) as value
    from sellers
    inner join need_states
        on sellers.category = need_states.category
    left join shares
        on
            sellers.store_id = shares.store_id
            and sellers.category = shares.category
            and need_states.need_state = shares.need_state

),

-- each level of a categorical feature counts as a share of the stores that have one
levels as (

    select distinct
        category,
        feature,
        level
    from external_features
    where level is not null

),

external_values as (

    select
        external_features.store_id,
        external_features.category,
        'external' as block,
        external_features.feature
        || coalesce(' = ' || levels.level, '') as feature,
        external_features.feature as column_name,
        levels.level,
        case
            when levels.level is null then external_features.value
            else cast(external_features.level = levels.level as integer)
        end as value
    from external_features
    left join levels
        on
            external_features.feature = levels.feature
            and external_features.category is not distinct from levels.category

),

united as (

    select * from internal_values
    union all
    select * from external_values

)

select * from united
