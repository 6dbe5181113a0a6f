{#
    Runs the data tests of a model or seed right after it was built, in one query and in
    the transaction that built it: a failed one fails the model, so that what is
    downstream is skipped. They stay dbt's own in YAML, and `dbt test` runs them one by
    one; in a build, dbt_project/selectors.yml leaves them out.
#}
{% macro run_data_tests() %}

{% set tests = tests_run_with(model.unique_id) if execute else [] %}
{% if tests %}
    {% set began_at = modules.datetime.datetime.now() %}
    {% set queries = [] %}
    {% for test in tests %}
        {% set config = test.config %}
        {% do queries.append(
            'select ' ~ loop.index0 ~ ' as place, * from ('
            ~ get_test_sql(
                data_test_sql(test), config.fail_calc, config.warn_if,
                config.error_if, config.limit
            ) ~ ')'
        ) %}
    {% endfor %}
    {% set rows = run_query(queries | join('\nunion all\n')).rows %}
    {% set seconds = (modules.datetime.datetime.now() - began_at).total_seconds() %}
    {% set results, problems = [], [] %}
    {% for row in rows %}
        {% set test = tests[row.place] %}
        {% set is_error = row.should_error and test.config.severity | upper == 'ERROR' %}
        {% set is_odd = is_error or row.should_warn %}
        {% set message = data_test_message(test, row.failures) if is_odd else none %}
        {% do results.append({
            'node': test.unique_id,
            'status': 'fail' if is_error else 'warn' if is_odd else 'pass',
            'failures': row.failures | int,
            'seconds': seconds / tests | length,
            'message': message,
        }) %}
        {% if is_error %}
            {% do problems.append(message) %}
        {% elif is_odd %}
            {% do exceptions.warn(message) %}
        {% endif %}
    {% endfor %}
    {% do record_tests(results) %}
    {% if problems %}
        {% do exceptions.raise_compiler_error(
            'Test failed: ' ~ problems | join('\nTest failed: ')
        ) %}
    {% endif %}
{% endif %}

{% endmacro %}


{#
    Data tests that a build runs together with a model or seed: those of its YAML, but
    those that dbt runs by themselves, as where somebody selected them.
#}
{% macro tests_run_with(node) %}

{% set tests = [] %}
{% if flags.WHICH == 'build' and not flags.EMPTY %}
    {# filters, not conditions: all nodes are looked at for every model #}
    {% for test in graph.nodes.values()
        | selectattr('attached_node', 'equalto', node)
        | selectattr('test_metadata')
        | rejectattr('unique_id', 'in', selected_resources) %}
        {% do tests.append(test) %}
    {% endfor %}
{% endif %}
{{ return(tests) }}

{% endmacro %}


{# The query of a data test, of the model that is being built. #}
{% macro data_test_sql(test) %}

{% set arguments = {} %}
{% for name, value in test.test_metadata.kwargs.items() if name != 'model' %}
    {% if value is string and value.startswith('ref(') %}
        {% do arguments.update({name: built_before(test, value[5:-2])}) %}
    {% elif value is string and '{{' in value %}
        {% do arguments.update({name: fromyaml(render(value))}) %}
    {% else %}
        {% do arguments.update({name: value}) %}
    {% endif %}
{% endfor %}
{% set where = test.config.where %}
{% do arguments.update({
    'model': '(select * from ' ~ this ~ ' where ' ~ where ~ ')' if where else this
}) %}
{{ return(context['test_' ~ test.test_metadata.name](**arguments)) }}

{% endmacro %}


{# The table of another model that a test reads; it has to be there by now. #}
{% macro built_before(test, name) %}

{% set found, waiting = [], [model.unique_id] %}
{% for _ in range(graph.nodes | length) if waiting %}
    {% set node = graph.nodes.get(waiting.pop(), {}) %}
    {% if node.name == name %}
        {{ return(node.relation_name) }}
    {% endif %}
    {% for parent in (node.depends_on or {}).get('nodes', []) if parent not in found %}
        {% do found.append(parent) %}
        {% do waiting.append(parent) %}
    {% endfor %}
{% endfor %}
{% do exceptions.raise_compiler_error(
    test.name ~ ' reads ' ~ name ~ ', which ' ~ model.name ~ ' is not made from, so'
    ~ ' that it may not be built yet; test the other one, or write a test in tests/'
) %}

{% endmacro %}


{# What a test found, with one example. #}
{% macro data_test_message(test, failures) %}

{% set table = run_query('select * from (' ~ data_test_sql(test) ~ ') limit 1') %}
{% set example = [] %}
{% for row in table.rows %}
    {% for name in table.column_names %}
        {% do example.append(name ~ ' ' ~ row[name]) %}
    {% endfor %}
{% endfor %}
{{ return(
    test.name ~ ': ' ~ failures ~ (' row' if failures == 1 else ' rows')
    ~ (', such as ' ~ example | join(', ') if example else '')
    ~ ('; ' ~ test.description if test.description else '')
) }}

{% endmacro %}


{% macro record_tests(results) %}
    {% if has_plugins() %}
        {% set facts = {
            'build_id': invocation_id,
            'project': adapter.config.project_root,
            'results': results,
        } %}
        {% do run_query('select record_tests(' ~ quoted(tojson(facts)) ~ ')') %}
    {% endif %}
{% endmacro %}
