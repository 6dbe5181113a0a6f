{#
    Checks the settings, the seeds and the input files, and builds nothing:
    `dbt run-operation check_input --target check`, a target without a warehouse.
#}
{% macro check_input() %}
    {% do check_settings() %}
    {% do check_seeds() %}
    {% do open_raw_tables() %}
{% endmacro %}
