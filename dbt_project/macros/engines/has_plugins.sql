{#
    Whether the engine has the SQL functions of the plugins in profiles.yml, which validate
    settings, seeds and input, and record builds. For Spark, clustering/core/spark.py
    validates, before it starts.
#}
{% macro has_plugins() %}
    {{ return(target.type == 'duckdb') }}
{% endmacro %}
