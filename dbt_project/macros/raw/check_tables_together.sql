{# What only several tables together show. `tables`: {table name: where it lies}. #}
{% macro check_tables_together(tables) %}

{% do check_need_states(tables) %}
{% do check_join(tables, 'internal_sales.SKU_NBR', 'need_state.PRODUCT_ID') %}
{% do check_join(tables, 'internal_sales.STORE_NBR', 'store_attributes.STORE_NBR') %}
{% do check_attribute_names(tables) %}

{% endmacro %}


{# Shares need two need states: with one, every store sells 100 % of it. #}
{% macro check_need_states(tables) %}

{% set alone = run_query(
    'select trim(CATEGORY), any_value(NEED_STATE) from raw.need_state'
    ~ ' where CATEGORY is not null and NEED_STATE is not null group by 1'
    ~ ' having count(distinct trim(NEED_STATE)) = 1 order by 1'
) %}
{% for row in alone if row[0] not in var('excluded_categories') %}
    {% do raw_input_error(
        tables.need_state,
        'column NEED_STATE has one value only, ' ~ quoted(row[1]) ~ ', in category '
            ~ quoted(row[0]) ~ ', wanted at least 2',
        'give the category more need states, or name it in the var'
            ~ ' excluded_categories'
    ) %}
{% endfor %}

{% endmacro %}


{# Two columns that are joined have a value in common: else zeros were lost on one side. #}
{% macro check_join(tables, left, right) %}

{% set left_table, left_column = left.split('.') %}
{% set right_table, right_column = right.split('.') %}
{% set common = run_query(
    'select 1 from raw.' ~ left_table ~ ' where trim(' ~ left_column
    ~ ') in (select trim(' ~ right_column ~ ') from raw.' ~ right_table ~ ') limit 1'
) %}
{% if not common | length %}
    {% set example = run_query(
        'select (select min(' ~ left_column ~ ') from raw.' ~ left_table
        ~ '), (select min(' ~ right_column ~ ') from raw.' ~ right_table ~ ')'
    ).rows[0] %}
    {% do raw_input_error(
        tables[left_table],
        'column ' ~ left_column ~ ' has no value of ' ~ tables[right_table] ~ ', column '
            ~ right_column ~ ': found ' ~ quoted(example[0]) ~ ' here and '
            ~ quoted(example[1]) ~ ' there',
        'write both alike, with or without leading zeros'
    ) %}
{% endif %}

{% endmacro %}


{# A feature has one name: the same in both external tables would be two features. #}
{% macro check_attribute_names(tables) %}

{% set twice = run_query(
    "select min(column_name) from duckdb_columns() where schema_name = 'raw'"
    ~ " and table_name in ('store_attributes', 'external_sales')"
    ~ " and lower(column_name) <> 'store_nbr'"
    ~ ' group by lower(column_name) having count(*) > 1 order by 1 limit 1'
) %}
{% if twice | length %}
    {% do raw_input_error(
        tables.external_sales,
        'column ' ~ twice.rows[0][0] ~ ' is in ' ~ tables.store_attributes ~ ' too',
        'rename one of them'
    ) %}
{% endif %}

{% endmacro %}
