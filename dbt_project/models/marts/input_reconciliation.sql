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
        cast(sum(returned_rows) as bigint) as rows_returned,
        sum(total_sales) as sales_read,
        sum(used_sales) as sales_used,
        sum(total_sales) - sum(returned_sales) as sales_gross,
        sum(returned_sales) as sales_returned
    from input_rows
    group by source_table

)

select * from summed
order by source_table
