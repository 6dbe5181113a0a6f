with

source as (

    select * from {{ source('raw', 'external_sales') }}

),

renamed as (

    select
        nullif(trim(STORE_NBR), '') as store_id,
        nullif(trim(CATEGORY), '') as category,
        * {{ exclude() }} (STORE_NBR, CATEGORY)
    from source

)

select * from renamed
