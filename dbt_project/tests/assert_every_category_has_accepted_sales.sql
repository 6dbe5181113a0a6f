with

sales_checked as (

    select * from {{ ref('int_sales_checked') }}

),

categories as (

    select distinct category
    from {{ ref('int_sku_categories') }}
    where category not in ({{ text_list(var('excluded_categories')) }})

)

select sales_checked.category
from sales_checked
inner join categories
    on sales_checked.category = categories.category
group by sales_checked.category
having count(*) filter (where sales_checked.reason is null) = 0
