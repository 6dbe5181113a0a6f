with

sku_sales as (

    select * from {{ ref('int_sku_sales') }}

),

sales_rows as (

    select sales_rows.*
    from {{ ref('int_sales_rows') }} as sales_rows
    left join sku_sales
        on
            not sku_sales.is_plain
            and sales_rows.store_id = sku_sales.store_id
            and sales_rows.sku_id = sku_sales.sku_id
            and sales_rows.category = sku_sales.category
    where sales_rows.reason is not null or not sku_sales.is_plain

),

-- rows that a later one of their key takes the place of
superseded as (

    select
        sales_rows.* {{ exclude() }} (reason),
        case
            when
                sales_rows.reason is null
                and sales_rows.row_number < max(sales_rows.row_number) over (
                    partition by
                        sales_rows.store_id,
                        sales_rows.sku_id,
                        sales_rows.category,
                        sales_rows.period_start,
                        sales_rows.reason
                )
                then 'superseded'
            else sales_rows.reason
        end as reason
    from sales_rows

),

summed as (

    select
        store_id,
        sku_id,
        category,
        period_start,
        reason,
        count(*) as row_count,
        cast(sum(sales) as decimal(38, 4)) as total_sales,
        min(sales) as lowest_sales,
        max(sales) as highest_sales,
        count(*) filter (where sales < 0) as returned_rows,
        cast(
            sum(case when sales < 0 then sales else 0 end) as decimal(38, 4)
        ) as returned_sales
    from superseded
    group by all

),

-- rows are transactions where enough of them differ from others of their key
grain as (

    select
        coalesce(
            (
                select count(*) from summed
                where
                    reason is null
                    and lowest_sales > 0
                    and lowest_sales < highest_sales
            ) > 0.01 * (select sum({{ count_periods('period_bits') }}) from sku_sales),
            false
        ) as is_transactions

),

judged as (

    select
        summed.* {{ exclude() }} (reason),
        grain.is_transactions,
        case
            when summed.reason is not null then summed.reason
            -- a transaction below 0 is a return, whenever its sale was
            when
                summed.total_sales <= 0
                and summed.lowest_sales < 0
                and (summed.highest_sales > 0 or grain.is_transactions)
                then 'returned'
            when summed.highest_sales <= 0 then 'non_positive_sales'
            when
                summed.row_count > 1
                and (
                    '{{ var('sales_rows') }}' = 'refuse_duplicates'
                    or (
                        summed.lowest_sales = summed.highest_sales
                        and not grain.is_transactions
                    )
                )
                then 'duplicate'
        end as reason
    from summed
    cross join grain

),

-- a return that exceeds the sales of its period is netted against those of others
netted as (

    select
        judged.* {{ exclude() }} (reason),
        case
            when
                judged.reason = 'returned'
                and judged.total_sales < 0
                and judged.is_transactions
                and sum(
                    case
                        when coalesce(judged.reason, 'returned') = 'returned'
                            then judged.total_sales
                    end
                ) over (
                    partition by judged.store_id, judged.sku_id, judged.category
                ) > 0
                then null
            else judged.reason
        end as reason
    from judged

)

select
    store_id,
    sku_id,
    category,
    period_start,
    reason,
    row_count,
    total_sales,
    case
        when reason is null then row_count
        when reason = 'duplicate' then 1
        else 0
    end as used_rows,
    case
        when reason is null then total_sales
        when reason = 'duplicate' then highest_sales
        else 0
    end as used_sales,
    returned_rows,
    returned_sales
from netted
