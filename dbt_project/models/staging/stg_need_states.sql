with

source as (

    select * from {{ source('raw', 'need_state') }}

),

renamed as (

    select
        nullif(trim(PRODUCT_ID), '') as sku_id,
        nullif(trim(CATEGORY), '') as category,
        nullif(trim(NEED_STATE), '') as need_state,
        nullif(trim(cast(CDT as string)), '') as cdt,
        nullif(trim(cast(ATTRIBUTE_1 as string)), '') as attribute_1,
        nullif(trim(cast(ATTRIBUTE_2 as string)), '') as attribute_2,
        nullif(trim(cast(ATTRIBUTE_3 as string)), '') as attribute_3,
        nullif(trim(cast(ATTRIBUTE_4 as string)), '') as attribute_4,
        nullif(trim(cast(ATTRIBUTE_5 as string)), '') as attribute_5,
        nullif(trim(cast(ATTRIBUTE_6 as string)), '') as attribute_6
    from source

)

select * from renamed
