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
        null as period_start,
        null as reason,
        row_count,
        sales as total_sales,
        row_count as used_rows,
        sales as used_sales,
        0 as returned_rows,
        cast(0 as decimal(38, 4)) as returned_sales
    from sku_sales
    union all
    select
        store_id,
        sku_id,
        category,
        period_start,
        reason,
        row_count,
        total_sales,
        used_rows,
        used_sales,
        returned_rows,
        returned_sales
    from sales_by_period

)

select
    'internal_sales' as source_table,
    store_id,
    sku_id,
    category,
    null as need_state,
    period_start,
    reason,
    row_count,
    total_sales,
    used_rows,
    used_sales,
    returned_rows,
    returned_sales
from sales_rows
union all
select
    'need_state' as source_table,
    null as store_id,
    sku_id,
    category,
    need_state,
    null as period_start,
    coalesce(reason, 'duplicate') as reason,
    row_count,
    null as total_sales,
    case when reason is null then 1 else 0 end as used_rows,
    null as used_sales,
    null as returned_rows,
    null as returned_sales
from need_states_checked
union all
select
    source_table,
    store_id,
    null as sku_id,
    category,
    null as need_state,
    null as period_start,
    coalesce(reason, 'duplicate') as reason,
    row_count,
    null as total_sales,
    case when reason is null then 1 else 0 end as used_rows,
    null as used_sales,
    null as returned_rows,
    null as returned_sales
from external_keys_checked
