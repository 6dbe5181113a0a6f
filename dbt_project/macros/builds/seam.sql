{#
    Takes the rows of a table of the seam from the folder of SEAM_DIR, where that is set;
    else from its own query. The hook open_raw_tables has opened the folder; what is
    upstream of the seam is built from raw tables without rows.
#}
{% macro from_seam_or(query) %}

{% set seam = graph.exposures.values() | selectattr('name', 'equalto', 'seam') | first %}
{% if goes_on_from_seam() and model.unique_id in seam.depends_on.nodes %}
    {{ return('select * from seam.' ~ model.name) }}
{% endif %}
{{ return(query) }}

{% endmacro %}


{# Whether this build goes on from a folder. #}
{% macro goes_on_from_seam() %}
    {{ return(execute and env_var('SEAM_DIR', '') != '') }}
{% endmacro %}


{% macro duckdb__create_view_as(relation, sql) %}
    {{ return(dbt.duckdb__create_view_as(relation, from_seam_or(sql))) }}
{% endmacro %}
