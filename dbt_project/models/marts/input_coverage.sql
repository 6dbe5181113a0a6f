with

coverage as (

    select * from {{ source('input_check', 'input_coverage') }}

),

shared as (

    select
        *,
        1 - cast(missing_sales as double) / nullif(cast(sales as double), 0)
            as common_sales_share
    from coverage

)

select * from shared
order by source_table, source_column
