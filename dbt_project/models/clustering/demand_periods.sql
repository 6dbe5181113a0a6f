with

periods as (

    select * from {{ ref('int_periods') }}

),

halved as (

    select
        category,
        count(*) filter (where is_dated) as period_count,
        min(period_start) filter (where is_later) as measured_from
    from periods
    group by category

)

select * from halved
