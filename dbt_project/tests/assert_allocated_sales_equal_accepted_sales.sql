with

accepted as (

    select coalesce(sum(sales_used), 0) as sales
    from {{ ref('input_reconciliation') }}
    where source_table = 'internal_sales'

),

allocated as (

    select coalesce(sum(sales), 0) as sales
    from {{ ref('int_need_state_sales') }}

)

select
    accepted.sales as accepted_sales,
    allocated.sales as allocated_sales
from accepted
cross join allocated
where accepted.sales <> allocated.sales
