with

sku_sales as (

    select * from {{ ref('int_sku_sales') }}
    where is_plain

),

sales_by_period as (

    select * from {{ ref('int_sales_by_period') }}

),

need_states_checked as (

    select * from {{ ref('int_need_states_checked') }}

),

external_keys_checked as (

    select * from {{ ref('int_external_keys_checked') }}

),

sales_rows as (

    select
        store_id,
        sku_id,
        category,
        row_count,
        sales as total_sales,
        row_count as used_rows,
        sales as used_sales,
        0 as returned_rows,
        cast(0 as decimal(38, 4)) as returned_sales
    from sku_sales
    union all by name
    select * from sales_by_period

),

need_state_rows as (

    select
        sku_id,
        category,
        need_state,
        coalesce(reason, 'duplicate') as reason,
        row_count,
        case when reason is null then 1 else 0 end as used_rows
    from need_states_checked

),

external_rows as (

    select
        source_table,
        store_id,
        category,
        coalesce(reason, 'duplicate') as reason,
        row_count,
        case when reason is null then 1 else 0 end as used_rows
    from external_keys_checked

),

united as (

    select
        'internal_sales' as source_table,
        *
    from sales_rows
    union all by name
    select
        'need_state' as source_table,
        *
    from need_state_rows
    union all by name
    select * from external_rows

)

select * from united
