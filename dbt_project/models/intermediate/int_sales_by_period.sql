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
        * replace (
            case
                when
                    reason is null
                    and row_number < max(row_number) over (
                        partition by
                            store_id, sku_id, category, period_start, reason
                    )
                    then 'superseded'
                else reason
            end as reason
        )
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
        sum(sales) as total_sales,
        min(sales) as lowest_sales,
        max(sales) as highest_sales,
        count(*) filter (where sales < 0) as returned_rows,
        sum(case when sales < 0 then sales else 0 end) as returned_sales
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
            ) > 0.01 * (select sum(bit_count(period_bits)) from sku_sales),
            false
        ) as is_transactions

),

judged as (

    select
        summed.* exclude (reason),
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
        * replace (
            case
                when
                    reason = 'returned'
                    and total_sales < 0
                    and is_transactions
                    and sum(
                        case
                            when coalesce(reason, 'returned') = 'returned'
                                then total_sales
                        end
                    ) over (partition by store_id, sku_id, category) > 0
                    then null
                else reason
            end as reason
        )
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
