{#
    Writes the tables of the seam as Parquet files for clustering/core/spark.py, which
    makes a folder with a manifest of them. DuckDB's are in the warehouse.
#}
{% macro write_seam(results) %}

{% set failed = results | selectattr('status', 'in', ['error', 'fail', 'skipped']) %}
{% if execute and target.type == 'spark' and not failed | list %}
    {% set seam = graph.exposures.values() | selectattr('name', 'equalto', 'seam') | first %}
    {% for result in results if result.node.unique_id in seam.depends_on.nodes %}
        {% do run_query(
            'insert overwrite directory '
            ~ quoted(spark_folder('seam') ~ '/' ~ result.node.name)
            ~ ' using parquet select * from ' ~ result.node.relation_name
        ) %}
    {% endfor %}
{% endif %}

{% endmacro %}


{# A folder of those that Spark reads and writes, on storage that all its nodes have. #}
{% macro spark_folder(name) %}
    {{ return(env_var('SPARK_DIR', env_var('DATA_DIR', '../data') ~ '/spark') ~ '/' ~ name) }}
{% endmacro %}
