{#
    Where one raw table lies: {'where': file or folder, 'glob': .., 'format': ..},
    or none for an optional table that is absent.
#}
{% macro find_raw_files(source) %}

{% set folder = raw_folder(source) %}
{% set path = folder ~ '/' ~ source.name %}
{% set found = [] %}
{% for format in ['parquet', 'csv'] %}
    {% for where, glob in [
        (path ~ '.' ~ format, path ~ '.' ~ format),
        (path, path ~ '/**/*.' ~ format),
    ] %}
        {% if run_query('select file from glob(' ~ quoted(glob) ~ ')') | length %}
            {% do check_not_empty(glob) %}
            {% do found.append({'where': where, 'glob': glob, 'format': format}) %}
        {% endif %}
    {% endfor %}
{% endfor %}

{% if found | length > 1 %}
    {% do raw_input_error(
        folder,
        'table ' ~ source.name ~ ' is there ' ~ found | length ~ ' times: '
            ~ found | map(attribute='glob') | join(', '),
        'keep one of them'
    ) %}
{% elif not found and not source.config.meta.get('optional') %}
    {% do raw_input_error(
        folder,
        'no file ' ~ source.name ~ '.parquet or .csv, and no folder '
            ~ source.name ~ '/ of either',
        'put it there, or set ' ~ source.config.meta['folder']
            ~ ' to the folder that has it'
    ) %}
{% endif %}
{{ return(found | first) }}

{% endmacro %}


{# A file of 0 bytes has not even a header. #}
{% macro check_not_empty(glob) %}

{% set empty = run_query(
    'select filename from read_blob(' ~ quoted(glob) ~ ') where size = 0 limit 1'
) %}
{% if empty | length %}
    {% do raw_input_error(
        empty.rows[0][0], 'the file is empty (0 bytes)', 'write it again, with rows'
    ) %}
{% endif %}

{% endmacro %}
