{#
    Notes what became of every model, seed and test of a build, and that it has ended. A
    build that was stopped by its checks, before any model, was never noted as begun.
#}
{% macro record_build_end(results) %}

{% if is_recorded() %}
    {% do build_tables() %}
    {% set has_begun = run_query(
        'from builds.builds where build_id = ' ~ quoted(invocation_id)
    ) | length %}
    {% if has_begun %}
        {% do record_results(results) %}
    {% endif %}
{% endif %}

{% endmacro %}


{% macro record_results(results) %}

{% set rows = [] %}
{% for result in results if result.node.resource_type in ['model', 'seed', 'test'] %}
    {% do rows.append(result_row(result)) %}
{% endfor %}
{% if rows %}
    {% do run_query(
        'insert into builds.results'
        ~ ' (build_id, node, name, resource_type, model, status, message, description,'
        ~ ' failures, seconds) values ' ~ rows | join(', ')
    ) %}
{% endif %}
{% do run_query(
    'update builds.builds set finished_at = now(), is_whole = '
    ~ ('true' if is_whole(results) else 'false')
    ~ ' where build_id = ' ~ quoted(invocation_id)
) %}

{% endmacro %}


{% macro result_row(result) %}

{% set node = result.node %}
{% set models = (node.depends_on.nodes if node.resource_type == 'test' else []) %}
{% set model = node.attached_node or models | last or node.unique_id %}
{% set texts = [
    node.unique_id,
    node.name,
    node.resource_type | string,
    model.split('.')[2],
    result.status | string,
    result.message,
    node.description,
] %}
{% set failures = result.failures if result.failures is not none else 'null' %}
{{ return(sql_row(texts, failures ~ ', ' ~ result.execution_time)) }}

{% endmacro %}


{# Whether the build had every model, seed and test of the project. #}
{% macro is_whole(results) %}

{% set done = results | map(attribute='node.unique_id') | list %}
{% for id, node in graph.nodes.items()
    if node.resource_type in ['model', 'seed', 'test'] and id not in done %}
    {{ return(false) }}
{% endfor %}
{{ return(true) }}

{% endmacro %}
