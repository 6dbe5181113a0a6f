{% do check_split_rules(
    ref('split_rules'), ref('int_sku_categories'), ref('int_external_values')
) %}

with

split_rules as (

    select * from {{ ref('split_rules') }}

),

store_eligibility as (

    select * from {{ ref('store_eligibility') }}

),

external_values as (

    select * from {{ ref('int_external_values') }}

),

-- the rule of the category itself goes before the one of every category
ruled as (

    select
        store_eligibility.store_id,
        store_eligibility.category,
        split_rules.feature
    from store_eligibility
    inner join split_rules
        on split_rules.category in (store_eligibility.category, '*')
    qualify row_number() over (
        partition by store_eligibility.store_id, store_eligibility.category
        order by split_rules.category = '*' asc
    ) = 1

),

valued as (

    select
        ruled.store_id,
        ruled.category,
        ruled.feature,
        coalesce(
            external_values.level,
            -- a whole number is written as one
            regexp_replace(cast(external_values.value as varchar), '\.0$', ''),
            'unknown'
        ) as split_value
    from ruled
    left join external_values
        on
            ruled.store_id = external_values.store_id
            and ruled.feature = external_values.feature
            and ruled.category
            = coalesce(external_values.category, ruled.category)

)

select * from valued
