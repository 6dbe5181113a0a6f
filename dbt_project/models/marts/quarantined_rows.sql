with

input_rows as (

    select * from {{ ref('int_input_rows') }}

),

quarantined as (

    select
        source_table,
        reason,
        store_id,
        sku_id,
        category,
        need_state,
        period_start,
        row_count - used_rows as row_count,
        total_sales - used_sales as sales
    from input_rows
    where row_count > used_rows

)

select * from quarantined
order by
    source_table,
    reason,
    store_id nulls first,
    sku_id nulls first,
    category nulls first,
    need_state nulls first,
    period_start nulls first
