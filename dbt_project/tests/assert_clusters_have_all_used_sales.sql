with

clusters as (

    select coalesce(sum(sales), 0) as sales
    from {{ ref('cluster_summary') }}

),

used as (

    select coalesce(sum(sales_used), 0) as sales
    from {{ ref('input_reconciliation') }}
    where source_table = 'internal_sales'

)

select
    used.sales as used_sales,
    clusters.sales as cluster_sales
from used
cross join clusters
where used.sales <> clusters.sales
