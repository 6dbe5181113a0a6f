with

source as (

    select * from {{ source('raw', 'internal_sales') }}

),

renamed as (

    select
        nullif(trim(STORE_NBR), '') as store_id,
        nullif(trim(SKU_NBR), '') as sku_id,
        nullif(trim(CAT_DSC), '') as category,
        try_cast(TOTAL_SALES as double) as sales,
        try_cast(UNITS as double) as units,
        try_cast(PERIOD_START as date) as period_start,
        -- in the order of files and of the rows in them; asked for, it costs threads
        {{ row_in_files() if var('sales_rows') == 'last' else 'cast(null as bigint)' }}
            as row_number
    from source

)

select * from renamed
