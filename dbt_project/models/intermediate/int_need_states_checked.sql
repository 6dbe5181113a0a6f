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
        count(*) as row_count
    from reasoned
    group by sku_id, category, need_state, reason

)

select * from counted
