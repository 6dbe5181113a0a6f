{% do check_volume_bands(
    ref('volume_bands'), ref('int_sku_categories'), var('volume_bands')
) %}
{% set names = text_list(var('volume_bands')) %}

with

volume_bands as (

    select
        category,
        band,
        cast(from_sales as decimal(38, 4)) as from_sales
    from {{ ref('volume_bands') }}
    where band in ({{ names }})

),

store_eligibility as (

    select * from {{ ref('store_eligibility') }}

),

sold as (

    select
        store_id,
        category,
        sales
    from store_eligibility
    where sales > 0

),

-- from 1 for the smallest, as many stores in each as in any other
grouped as (

    select
        *,
        ntile(len([{{ names }}])) over (
            partition by category
            order by sales asc, store_id asc
        ) as size_group
    from sold

),

-- the category's own limits go before those of every category
limited as (

    select
        sold.store_id,
        sold.category,
        volume_bands.band
    from sold
    inner join volume_bands
        on
            sold.category = coalesce(volume_bands.category, sold.category)
            and sold.sales >= volume_bands.from_sales
    qualify row_number() over (
        partition by sold.store_id, sold.category
        order by volume_bands.category is null asc, volume_bands.from_sales desc
    ) = 1

),

banded as (

    select
        store_eligibility.store_id,
        store_eligibility.category,
        coalesce(
            limited.band,
            -- an empty list of names holds an empty text
            nullif(([{{ names }}])[grouped.size_group], '')
        ) as volume_band
    from store_eligibility
    left join grouped
        on
            store_eligibility.store_id = grouped.store_id
            and store_eligibility.category = grouped.category
    left join limited
        on
            store_eligibility.store_id = limited.store_id
            and store_eligibility.category = limited.category

)

select * from banded
