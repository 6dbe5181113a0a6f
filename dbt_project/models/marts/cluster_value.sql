with

final_value as (

    select * from {{ ref('final_value') }}

),

halves as (

    select distinct
        category,
        measured_from
    from {{ ref('store_sku_sales') }}

),

rounded as (

    select
        final_value.category,
        final_value.basis,
        cast(final_value.clusters as integer) as clusters,
        final_value.value_code,
        halves.measured_from,
        cast(final_value.range_skus as integer) as range_skus,
        final_value.measured_stores,
        cast(final_value.later_sales as decimal(38, 2)) as later_sales,
        round(final_value.one_range_share, 6) as one_range_share,
        round(final_value.covered_share, 6) as covered_share,
        round(final_value.own_range_share, 6) as own_range_share,
        round(final_value.gain, 6) as gain,
        round(final_value.gain_error, 6) as gain_error,
        round(final_value.gain - 1.96 * final_value.gain_error, 6) as gain_low,
        round(final_value.gain + 1.96 * final_value.gain_error, 6) as gain_high,
        round(final_value.one_range_sales_share, 6) as one_range_sales_share,
        round(final_value.covered_sales_share, 6) as covered_sales_share,
        round(final_value.own_range_sales_share, 6) as own_range_sales_share,
        cast(final_value.gain_sales as decimal(38, 2)) as gain_sales,
        final_value.is_smallest_within_one_se
    from final_value
    left join halves
        on final_value.category = halves.category

)

select
    *,
    words.value(
        case
            when value_code = 'measured' and clusters = 1 then 'one_range'
            else value_code
        end,
        range_skus := range_skus,
        one_range := one_range_share,
        own_range := own_range_share,
        clusters := clusters,
        covered := covered_share
    ) as value_words
from rounded
order by category, basis, clusters
