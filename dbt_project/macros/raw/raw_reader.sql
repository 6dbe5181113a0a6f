{#
    The table function that reads a raw table in place.

    A csv says nothing about types. Columns of the contract are read as text, so
    that '0042' stays '0042', and are typed in staging; other columns matter only
    as external features, and there the whole file is looked at to type them.
#}
{% macro raw_reader(source, files) %}

{% set glob = quoted(files.glob) %}
{% if files.format == 'parquet' %}
    {{ return('read_parquet(' ~ glob ~ ', union_by_name = true)') }}
{% endif %}

{% set reader = 'read_csv(' ~ glob ~ ', header = true, union_by_name = true'
    ~ ", quote = '\"', escape = '\"'" %}
{% if not source.config.meta.get('attributes') %}
    {{ return(reader ~ ', all_varchar = true)') }}
{% endif %}
{% set present = raw_column_types(reader ~ ', all_varchar = true)') %}
{% set types = [] %}
{% for name in source.columns if name in present %}
    {% do types.append(quoted(name) ~ ': ' ~ quoted('VARCHAR')) %}
{% endfor %}
{{ return(
    reader ~ ', sample_size = -1, types = {' ~ types | join(', ') ~ '})'
) }}

{% endmacro %}


{# {COLUMN NAME: data type} of what the reader reads; names in any case will do. #}
{% macro raw_column_types(reader) %}
    {% set types = {} %}
    {% for row in run_query('describe select * from ' ~ reader) %}
        {% do types.update({row['column_name'] | upper: row['column_type']}) %}
    {% endfor %}
    {{ return(types) }}
{% endmacro %}
