with

store_attributes as (

    select * from {{ ref('stg_store_attributes') }}

),

external_sales as (

    select * from {{ ref('stg_external_sales') }}

),

store_values as (

    {{ melt('store_attributes', ['store_id']) }}

),

category_values as (

    {{ melt('external_sales', ['store_id', 'category']) }}

),

united as (

    select
        store_id,
        cast(null as string) as category,
        feature,
        text_value,
        is_text
    from store_values
    union all
    select
        store_id,
        category,
        feature,
        text_value,
        is_text
    from category_values
    where category is not null

),

typed as (

    select
        store_id,
        category,
        feature,
        case
            when is_text then null
            when text_value in ('true', 'false')
                then cast(cast(text_value as boolean) as double)
            else cast(text_value as double)
        end as value,
        case when is_text then nullif(trim(text_value), '') end as level
    from united
    where store_id is not null

)

select
    store_id,
    category,
    feature,
    -- squares of smaller numbers are no longer told from zero
    case when abs(value) < 1e-100 then 0 else value end as value,
    level
from typed
where level is not null or abs(value) < cast('infinity' as double)
