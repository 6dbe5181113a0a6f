{%- set tables = [
    'stg_store_attributes',
    'int_external_values',
    'int_input_rows',
    'int_need_states',
    'int_need_state_sales',
    'int_periods',
    'int_sales_checked',
] -%}
with

counted as (

    {% for name in tables %}
        select
            '{{ name }}' as table_name,
            (select count(*) from {{ ref(name) }}) as row_count,
            (
                select count(*)
                from {{ 'seam.' ~ name if goes_on_from_seam() else ref(name) }}
            ) as rows_in_file
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from counted
where row_count <> rows_in_file
