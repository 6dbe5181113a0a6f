with

prepared as (

    select * from {{ ref('internal_prepared') }}

),

store_eligibility as (

    select * from {{ ref('store_eligibility') }}

),

summed as (

    select
        prepared.category,
        coalesce(max(prepared.prior_sales), 0) as prior_sales,
        median(
            case
                when prepared.in_fit
                    then cast(store_eligibility.sales as double)
            end
        ) as median_store_sales
    from prepared
    inner join store_eligibility
        on
            prepared.store_id = store_eligibility.store_id
            and prepared.category = store_eligibility.category
    group by prepared.category

),

weighed as (

    select
        category,
        prior_sales,
        median_store_sales,
        coalesce(prior_sales / median_store_sales, 0) as prior_weight
    from summed

)

select
    *,
    case
        when prior_weight > 1 then 'heavy'
        when prior_weight > 0 then 'light'
        else 'none'
    end as prior_code
from weighed
