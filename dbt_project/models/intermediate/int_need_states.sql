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
        count(*) over (partition by sku_id, category) as need_state_count
    from checked
    where reason is null

)

select * from split
