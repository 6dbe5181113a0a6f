with

need_states as (

    select * from {{ ref('stg_need_states') }}

),

reasoned as (

    select
        *,
        case
            when sku_id is null or category is null or need_state is null
                then 'null_key'
        end as reason
    from need_states

),

counted as (

    select
        sku_id,
        category,
        need_state,
        reason,
        min(cdt) as cdt,
        min(attribute_1) as attribute_1,
        min(attribute_2) as attribute_2,
        min(attribute_3) as attribute_3,
        min(attribute_4) as attribute_4,
        min(attribute_5) as attribute_5,
        min(attribute_6) as attribute_6,
        count(*) as row_count
    from reasoned
    group by sku_id, category, need_state, reason

)

select * from counted
