with

checked as (

    select * from {{ ref('int_need_states_checked') }}

),

split as (

    select
        sku_id,
        category,
        need_state,
        cdt,
        attribute_1,
        attribute_2,
        attribute_3,
        attribute_4,
        attribute_5,
        attribute_6,
        count(*) over (partition by sku_id, category) as need_state_count,
        cast(row_number() over (
            partition by sku_id, category
            order by need_state
        ) as bigint) as need_state_number
    from checked
    where reason is null

)

select * from split
