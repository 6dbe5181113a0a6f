with

source as (

    select * from {{ source('raw', 'need_state') }}

),

renamed as (

    select
        nullif(trim(PRODUCT_ID), '') as sku_id,
        nullif(trim(CATEGORY), '') as category,
        nullif(trim(NEED_STATE), '') as need_state,
        nullif(trim(CDT), '') as cdt
    from source

)

select * from renamed
