with

quarantined as (

    select coalesce(sum(row_count), 0) as rows_quarantined
    from {{ ref('quarantined_rows') }}
    where
        source_table = 'internal_sales'
        and reason not in ('excluded_category', 'returned', 'superseded')

),

wanted as (

    select sum(row_count) as rows_read
    from {{ ref('int_sales_checked') }}
    where coalesce(reason, '') not in ('excluded_category', 'returned', 'superseded')

)

select
    wanted.rows_read,
    quarantined.rows_quarantined
from wanted
cross join quarantined
where
    quarantined.rows_quarantined
    > {{ var('max_quarantined_share') }} * wanted.rows_read
