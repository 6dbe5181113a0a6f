with

source as (

    select * from {{ source('raw', 'store_attributes') }}

),

renamed as (

    select
        nullif(trim(STORE_NBR), '') as store_id,
        * {{ exclude() }} (STORE_NBR, LATITUDE, LONGITUDE),
        try_cast(LATITUDE as double) as latitude,
        try_cast(LONGITUDE as double) as longitude
    from source

)

select * from renamed
