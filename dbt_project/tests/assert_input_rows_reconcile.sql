-- Rows of the files = rows used + rows quarantined, table by table.
with

counted as (

    {% for table in ['internal_sales', 'need_state', 'external_sales', 'store_attributes'] %}
    select
        '{{ table }}' as source_table,
        count(*) as rows_in_files
    from {{ source('raw', table) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

reconciled as (

    select * from {{ ref('input_reconciliation') }}

)

select *
from counted
left join reconciled
    on counted.source_table = reconciled.source_table
where
    counted.rows_in_files <> coalesce(reconciled.rows_used, 0)
    + coalesce(reconciled.rows_quarantined, 0)
