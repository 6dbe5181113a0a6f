{# What only several tables together show. `tables`: {table name: where it lies}. #}
{% macro check_tables_together(tables) %}

{% do check_need_states(tables) %}
{% do check_join(tables, 'internal_sales.SKU_NBR', 'need_state.PRODUCT_ID') %}
{% do check_join(tables, 'internal_sales.CAT_DSC', 'need_state.CATEGORY') %}
{% do check_join(tables, 'internal_sales.STORE_NBR', 'store_attributes.STORE_NBR') %}
{% if tables.external_sales %}
    {% do check_join(tables, 'external_sales.CATEGORY', 'need_state.CATEGORY') %}
    {% do check_join(
        tables, 'external_sales.STORE_NBR', 'store_attributes.STORE_NBR'
    ) %}
{% endif %}
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


{#
    Two columns that are joined write their values alike. A value that the other side
    has only with other zeros in front, capitals or spaces would be lost in silence.
#}
{% macro check_join(tables, left, right) %}

{% set left_table, left_column = left.split('.') %}
{% set right_table, right_column = right.split('.') %}
{% set only_left = values_without_partner(left, right) %}
{% set only_right = values_without_partner(right, left) %}
{% set unlike = run_query(
    'select only_left.value, only_right.value from (' ~ only_left
    ~ ') as only_left inner join (' ~ only_right ~ ') as only_right on '
    ~ loosely('only_left.value') ~ ' = ' ~ loosely('only_right.value')
    ~ ' order by all limit 1'
) %}
{% if unlike | length %}
    {% do raw_input_error(
        tables[left_table],
        'column ' ~ left_column ~ ' has ' ~ quoted(unlike.rows[0][0]) ~ ' where '
            ~ tables[right_table] ~ ', column ' ~ right_column ~ ', has '
            ~ quoted(unlike.rows[0][1]),
        'write both alike: leading zeros, capitals and spaces count'
    ) %}
{% endif %}

{% endmacro %}


{# The different values of one column that the other does not have. #}
{% macro values_without_partner(of, other) %}
    {% set table, column = of.split('.') %}
    {% set other_table, other_column = other.split('.') %}
    {{ return(
        'select distinct trim(' ~ column ~ ') as value from raw.' ~ table
        ~ ' except select trim(' ~ other_column ~ ') from raw.' ~ other_table
    ) }}
{% endmacro %}


{% macro loosely(value) %}
    {{ return(
        "ltrim(regexp_replace(upper(" ~ value ~ "), '\\s+', ' ', 'g'), '0')"
    ) }}
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
