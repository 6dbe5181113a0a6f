with

sales_checked as (

    select * from {{ ref('int_sales_checked') }}

),

need_states_checked as (

    select * from {{ ref('int_need_states_checked') }}

),

external_keys_checked as (

    select * from {{ ref('int_external_keys_checked') }}

),

-- of rows with one key, one is used: the one with the highest sales
sales_rows as (

    select
        'internal_sales' as source_table,
        store_id,
        sku_id,
        category,
        period_start,
        cast(null as varchar) as need_state,
        coalesce(reason, 'duplicate') as reason,
        row_count,
        case when reason is null then 1 else 0 end as used_rows,
        total_sales,
        case when reason is null then sales else 0 end as used_sales
    from sales_checked

),

need_state_rows as (

    select
        'need_state' as source_table,
        cast(null as varchar) as store_id,
        sku_id,
        category,
        cast(null as date) as period_start,
        need_state,
        coalesce(reason, 'duplicate') as reason,
        row_count,
        case when reason is null then 1 else 0 end as used_rows,
        null as total_sales,
        null as used_sales
    from need_states_checked

),

external_rows as (

    select
        source_table,
        store_id,
        cast(null as varchar) as sku_id,
        category,
        cast(null as date) as period_start,
        cast(null as varchar) as need_state,
        coalesce(reason, 'duplicate') as reason,
        row_count,
        case when reason is null then 1 else 0 end as used_rows,
        null as total_sales,
        null as used_sales
    from external_keys_checked

),

united as (

    select * from sales_rows
    union all
    select * from need_state_rows
    union all
    select * from external_rows

)

select * from united
