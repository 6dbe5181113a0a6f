with

counted as (

    select
        'internal_sales' as source_table,
        count(*) as rows_in_files
    from {{ source('raw', 'internal_sales') }}
    union all
    select
        'need_state' as source_table,
        count(*) as rows_in_files
    from {{ source('raw', 'need_state') }}
    union all
    select
        'external_sales' as source_table,
        count(*) as rows_in_files
    from {{ source('raw', 'external_sales') }}
    union all
    select
        'store_attributes' as source_table,
        count(*) as rows_in_files
    from {{ source('raw', 'store_attributes') }}

),

reconciled as (

    select
        source_table,
        sum(used_rows) as rows_used,
        sum(row_count - used_rows) as rows_quarantined
    from {{ ref('int_input_rows') }}
    group by source_table

)

select
    counted.source_table,
    counted.rows_in_files,
    reconciled.rows_used,
    reconciled.rows_quarantined
from counted
left join reconciled
    on counted.source_table = reconciled.source_table
where
    counted.rows_in_files
    <> coalesce(reconciled.rows_used + reconciled.rows_quarantined, 0)
    and {{ 'false' if goes_on_from_seam() else 'true' }}
