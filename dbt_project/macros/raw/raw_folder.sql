{# The folder of a raw table: its own variable, else DATA_DIR/raw, else ../data/raw. #}
{% macro raw_folder(source) %}
    {% set data_folder = env_var('DATA_DIR', '../data') %}
    {{ return(env_var(source.config.meta['folder'], '') or data_folder ~ '/raw') }}
{% endmacro %}
