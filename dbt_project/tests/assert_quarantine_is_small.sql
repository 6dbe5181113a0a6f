-- A table that loses many of its rows is a broken extract, not a little dirt:
-- a period column that is missing, for one, makes most rows duplicates.
with

quarantined as (

    select
        source_table,
        sum(row_count) as rows_quarantined
    from {{ ref('quarantined_rows') }}
    where reason <> 'excluded_category'
    group by source_table

),

reconciled as (

    select * from {{ ref('input_reconciliation') }}

)

select
    reconciled.source_table,
    reconciled.rows_read,
    quarantined.rows_quarantined
from reconciled
inner join quarantined
    on reconciled.source_table = quarantined.source_table
where
    quarantined.rows_quarantined
    > {{ var('max_quarantined_share') }} * reconciled.rows_read
