with

sales_rows as (

    select * from {{ ref('int_sales_rows') }}
    where reason is null and sales > 0

),

periods as (

    select
        category,
        {{ period_or_whole('period_start') }} as period_start,
        bool_or(period_start is not null) as is_dated
    from sales_rows
    group by all

),

numbered as (

    select
        *,
        cast(row_number() over (
            partition by category
            order by period_start
        ) as integer) as period_number,
        cast(count(*) over (partition by category) as integer) as period_count,
        row_number() over (
            partition by category, is_dated
            order by period_start
        ) as place,
        count(*) over (partition by category, is_dated) as places
    from periods

)

select
    category,
    period_start,
    is_dated,
    period_number,
    period_count,
    period_number % 2 = 1 as is_odd,
    case when is_dated and places > 1 then 2 * place > places end as is_later,
    {{ bit_of_period('period_number', 'period_count') }} as period_bits
from numbered
