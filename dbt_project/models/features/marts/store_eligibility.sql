with

sales_checked as (

    select * from {{ ref('int_sales_checked') }}

),

store_attributes as (

    select * from {{ ref('stg_store_attributes') }}

),

sku_categories as (

    select * from {{ ref('int_sku_categories') }}

),

excluded_stores as (

    select
        store_id,
        category
    from {{ ref('int_corrections') }}
    where action = 'exclude' and not is_expired

),

categories as (

    select distinct category
    from sku_categories
    where category not in ({{ text_list(var('excluded_categories')) }})

),

-- one that occurs in quarantined rows alone, such as a total, is no store
all_stores as (

    select store_id from store_attributes
    where store_id is not null
    union
    select store_id from sales_checked
    where reason is null

),

sold as (

    select
        sales_checked.store_id,
        sales_checked.category,
        sum(
            case when sales_checked.reason is null then sales_checked.sales end
        ) as sales,
        coalesce(
            bit_count(bit_or(sales_checked.period_bits)), 0
        ) as active_periods
    from sales_checked
    inner join categories
        on sales_checked.category = categories.category
    inner join all_stores
        on sales_checked.store_id = all_stores.store_id
    group by sales_checked.store_id, sales_checked.category

),

-- a store that sells nothing at all yet has a place in every category
unsold as (

    select
        all_stores.store_id,
        categories.category,
        null as sales,
        0 as active_periods
    from all_stores
    cross join categories
    left join sold
        on all_stores.store_id = sold.store_id
    where sold.store_id is null

),

united as (

    select * from sold
    union all
    select * from unsold

),

periods as (

    select distinct
        category,
        period_count
    from {{ ref('int_periods') }}

),

reasoned as (

    select
        united.store_id,
        united.category,
        coalesce(united.sales, 0) as sales,
        cast(united.active_periods as bigint) as active_periods,
        case
            when excluded_stores.store_id is not null then 'excluded'
            when united.sales is null then 'no_sales'
            when
                united.active_periods
                < least({{ var('min_active_periods') }}, periods.period_count)
                then 'too_few_active_periods'
        end as reason
    from united
    left join periods
        on united.category = periods.category
    left join excluded_stores
        on
            united.store_id = excluded_stores.store_id
            and united.category = excluded_stores.category

)

select
    *,
    reason is null as is_eligible
from reasoned
order by store_id, category
