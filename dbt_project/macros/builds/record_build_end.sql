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
        {% do record_fits(results) %}
    {% endif %}
{% endif %}

{% endmacro %}


{% macro record_results(results) %}

{% set rows, done, read = [], [], [] %}
{% for result in results if result.node.unique_id in recorded_nodes() %}
    {% do rows.append(result_row(result)) %}
    {% do done.append(result.node.unique_id) %}
    {% if result.node.resource_type == 'model' and result.status == 'success' %}
        {% do read.extend(result.node.depends_on.nodes) %}
    {% endif %}
{% endfor %}
{% do run_query(
    'delete from builds.results where node in (' ~ text_list(done) ~ ')'
    ~ ' or node not in (' ~ text_list(recorded_nodes()) ~ ')'
) %}
{% if rows %}
    {% do run_query(
        'insert into builds.results'
        ~ ' (build_id, node, name, resource_type, model, status, message, description,'
        ~ ' failures, seconds) values ' ~ rows | join(', ')
    ) %}
{% endif %}
{% do keep_inputs(read) %}
{% set bad = results
    | map(attribute='status') | map('string')
    | reject('in', ['success', 'pass', 'warn', 'no-op']) | list %}
{% do run_query(
    'update builds.builds set finished_at = now(), node_count = '
    ~ recorded_nodes() | length ~ ', status = '
    ~ quoted('failed' if bad else 'passed')
    ~ ' where build_id = ' ~ quoted(invocation_id)
) %}

{% endmacro %}


{# Ids of all models, seeds and tests of the project. #}
{% macro recorded_nodes() %}
    {{ return(
        graph.nodes.values()
        | selectattr('resource_type', 'in', ['model', 'seed', 'test'])
        | map(attribute='unique_id') | list
    ) }}
{% endmacro %}


{# The files of a raw table are those of the last build that read it. #}
{% macro keep_inputs(nodes_read) %}

{% for id, source in graph.sources.items() if source.source_name == 'raw' %}
    {% set others = '<>' if id in nodes_read else '=' %}
    {% do run_query(
        'delete from builds.inputs where source_table = ' ~ quoted(source.name)
        ~ ' and build_id ' ~ others ~ ' ' ~ quoted(invocation_id)
    ) %}
{% endfor %}

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


{# Of the models that say which of their rows they kept. A category without rows is none. #}
{% macro record_fits(results) %}

{% set counts = [] %}
{% for result in results
    if result.status == 'success' and 'is_kept' in result.node.columns %}
    {% do counts.append(
        'select ' ~ quoted(invocation_id) ~ ', ' ~ quoted(result.node.name)
        ~ ', count(distinct category) filter (not is_kept)'
        ~ ', count(distinct category) filter (is_kept) from '
        ~ result.node.relation_name
    ) %}
{% endfor %}
{% if counts %}
    {% do run_query('insert into builds.fits ' ~ counts | join(' union all ')) %}
    {% do say_fits() %}
{% endif %}

{% endmacro %}


{# One line: of the model that fitted most, for what it did not keep others did not. #}
{% macro say_fits() %}

{% set (fitted, categories) = run_query(
    'select max(fitted), max(fitted + kept) from builds.fits where build_id = '
    ~ quoted(invocation_id)
).rows[0] %}
{% do log(
    'fitted ' ~ fitted ~ ' of ' ~ categories ~ ' categories, kept '
    ~ (categories - fitted),
    info=true
) %}

{% endmacro %}
