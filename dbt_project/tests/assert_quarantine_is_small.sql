with

quarantined as (

    select coalesce(sum(row_count), 0) as rows_quarantined
    from {{ ref('quarantined_rows') }}
    where
        source_table = 'internal_sales'
        and reason <> 'excluded_category'

),

reconciled as (

    select rows_read
    from {{ ref('input_reconciliation') }}
    where source_table = 'internal_sales'

)

select
    reconciled.rows_read,
    quarantined.rows_quarantined
from reconciled
cross join quarantined
where
    quarantined.rows_quarantined
    > {{ var('max_quarantined_share') }} * reconciled.rows_read
