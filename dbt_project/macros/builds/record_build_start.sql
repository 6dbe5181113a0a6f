{#
    Records that a build begins, with its settings and input files, and what it is about
    to make: clustering/store/recording.py writes it into the registry. The warehouse
    keeps one row, which says which build it is of.
#}
{% macro record_build_start() %}

{% if is_recorded() %}
    {# tables of an earlier version of the project #}
    {% set earlier = run_query(
        "from duckdb_tables() where schema_name = 'builds' and table_name = 'builds'"
    ) | length %}
    {% do run_query(
        'create schema if not exists builds;'
        ~ ' create table if not exists builds.current_build as select '
        ~ ('arg_max(build_id, started_at)' if earlier else 'null::varchar')
        ~ ' as build_id' ~ (' from builds.builds' if earlier else '')
    ) %}
    {% set facts = {
        'build_id': invocation_id,
        'parent': run_query('select max(build_id) from builds.current_build').rows[0][0],
        'command': flags.WHICH,
        'project': adapter.config.project_root,
        'warehouse': target.path,
        'declared': toyaml(adapter.config.vars.vars[adapter.config.project_name]),
        'given': toyaml(adapter.config.cli_vars),
        'nodes': recorded_nodes(),
        'selected': built_nodes(),
    } %}
    {% do run_query('select record_start(' ~ quoted(tojson(facts)) ~ ')') %}
    {% do run_query(
        'delete from builds.current_build;'
        ~ ' insert into builds.current_build values (' ~ quoted(invocation_id) ~ ')'
    ) %}
{% endif %}

{% endmacro %}


{# Commands that change the warehouse, or say whether it is good. #}
{% macro is_recorded() %}
    {{ return(
        execute
        and has_plugins()
        and flags.WHICH in ['build', 'run', 'test', 'seed', 'retry']
    ) }}
{% endmacro %}


{# What is about to be made, and the tests that run with it. #}
{% macro built_nodes() %}

{% set nodes = selected_resources | list %}
{% for node in selected_resources %}
    {% for test in tests_run_with(node) %}
        {% do nodes.append(test.unique_id) %}
    {% endfor %}
{% endfor %}
{{ return(nodes) }}

{% endmacro %}


{# All models, seeds and tests; of a test, its model, and of a model, what it reads. #}
{% macro recorded_nodes() %}

{% set nodes = [] %}
{% for node in graph.nodes.values()
    if node.resource_type in ['model', 'seed', 'test'] %}
    {% set parents = node.depends_on.nodes if node.resource_type == 'test' else [] %}
    {% set model = node.attached_node or parents | last or node.unique_id %}
    {% do nodes.append({
        'node': node.unique_id,
        'name': node.name,
        'resource_type': node.resource_type | string,
        'model': model.split('.')[2],
        'description': node.description,
        'reads': node.depends_on.nodes if node.resource_type == 'model' else [],
    }) %}
{% endfor %}
{{ return(nodes) }}

{% endmacro %}
