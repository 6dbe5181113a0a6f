{# What no single row can be blamed for, or what would make every figure wrong. #}
{% macro check_values(source, files, types) %}

{% do check_rows(source, files) %}
{% for column in source.columns.values()
    if types.get(column.name) == 'VARCHAR' and column.data_type != 'varchar' %}
    {% do check_casts(source, files, column) %}
{% endfor %}
{% if source.config.meta.get('key') %}
    {% do check_key(source, files) %}
{% endif %}
{% if source.config.meta.get('attributes') %}
    {% do check_filled(source, files) %}
    {% for name, type in types.items()
        if type == 'VARCHAR' and files.format == 'csv' and name not in source.columns %}
        {% do check_numbers_in_text(source, files, name) %}
    {% endfor %}
{% endif %}

{% endmacro %}


{# There are rows, and for sales, more than one store. #}
{% macro check_rows(source, files) %}

{% set several = source.config.meta.get('several') %}
{% set found = run_query(
    'select count(*), min(' ~ (several or 1) ~ '), max(' ~ (several or 2) ~ ')'
    ~ ' from raw.' ~ source.name
).rows[0] %}
{% if found[0] == 0 %}
    {% do raw_input_error(
        files.where, 'the table has a header but 0 rows', 'write it again, with rows'
    ) %}
{% elif several and found[1] == found[2] %}
    {% do raw_input_error(
        files.where,
        'column ' ~ several ~ ' has one value only, ' ~ quoted(found[1]),
        'there is nothing to cluster with fewer than 2 stores: give more of them'
    ) %}
{% endif %}

{% endmacro %}


{# Text in a number or date column: the first such value, by value. #}
{% macro check_casts(source, files, column) %}

{% set bad = run_query(
    'select min(' ~ column.name ~ '), count(*) from raw.' ~ source.name
    ~ ' where try_cast(' ~ column.name ~ ' as ' ~ column.data_type ~ ') is null'
    ~ ' and trim(' ~ column.name ~ ") <> ''"
).rows[0] %}
{% if bad[1] %}
    {% do raw_input_error(
        files.where,
        'column ' ~ column.name ~ ' has ' ~ quoted(bad[0]) ~ ', wanted a '
            ~ ('date as YYYY-MM-DD' if column.data_type == 'date' else 'number')
            ~ ' (' ~ bad[1] ~ ' such rows)',
        'mend those values, or leave them empty'
    ) %}
{% endif %}

{% endmacro %}


{# A csv column of numbers, but for a few values: a feature that would be lost. #}
{% macro check_numbers_in_text(source, files, name) %}

{% set column = '"' ~ name ~ '"' %}
{% set found = run_query(
    'select min(' ~ column ~ ') filter (try_cast(' ~ column ~ ' as double) is null)'
    ~ ', count(' ~ column ~ '), count(try_cast(' ~ column ~ ' as double)) from raw.'
    ~ source.name
).rows[0] %}
{% if found[2] > 0.9 * found[1] and name not in var('excluded_external_columns') %}
    {% do raw_input_error(
        files.where,
        'column ' ~ name ~ ' has ' ~ quoted(found[0]) ~ ' among ' ~ found[2]
            ~ ' numbers',
        'leave that value empty, or name the column in the var'
            ~ ' excluded_external_columns'
    ) %}
{% endif %}

{% endmacro %}


{# One row per key: which of two attribute rows of a store holds is not ours to say. #}
{% macro check_key(source, files) %}

{% set key = source.config.meta['key'] | join(', ') %}
{% set twice = run_query(
    'select ' ~ key ~ ', count(*) as row_count from raw.' ~ source.name
    ~ ' where ' ~ source.config.meta['key'] | join(' is not null and ')
    ~ ' is not null group by ' ~ key
    ~ ' having count(*) > 1 order by ' ~ key ~ ' limit 1'
) %}
{% if twice | length %}
    {% set row = twice.rows[0] | list %}
    {% do raw_input_error(
        files.where,
        'column ' ~ key ~ ' has ' ~ quoted(row[:-1] | join(', ')) ~ ' in '
            ~ row[-1] ~ ' rows, wanted 1',
        'keep one row for each'
    ) %}
{% endif %}

{% endmacro %}


{# An external column without a single value is a broken extract. #}
{% macro check_filled(source, files) %}

{% set empty = run_query(
    'select name from (unpivot (select count(columns(*)) from raw.' ~ source.name
    ~ ') on columns(*) into name name value filled) where filled = 0 order by name'
) %}
{% for row in empty
    if row[0] not in var('excluded_external_columns')
    and (row[0] | upper) not in source.columns %}
    {% do raw_input_error(
        files.where,
        'column ' ~ row[0] ~ ' is null in every row',
        'fill or remove it, or name it in the var excluded_external_columns'
    ) %}
{% endfor %}

{% endmacro %}
