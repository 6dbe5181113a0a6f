with

input_rows as (

    select * from {{ ref('int_input_rows') }}

),

summed as (

    select
        source_table,
        cast(sum(row_count) as bigint) as rows_read,
        cast(sum(used_rows) as bigint) as rows_used,
        cast(sum(row_count - used_rows) as bigint) as rows_quarantined,
        sum(total_sales) as sales_read,
        sum(used_sales) as sales_used
    from input_rows
    group by source_table

)

select * from summed
order by source_table
