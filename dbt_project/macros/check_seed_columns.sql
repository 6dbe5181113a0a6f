{# Stops the build where a seed lacks a column that its description has. #}
{% macro check_seed_columns(seeds) %}

{% if execute and flags.WHICH in ['build', 'run', 'retry'] %}
    {% for seed in seeds %}
        {% set node = graph.nodes.values()
            | selectattr('resource_type', 'equalto', 'seed')
            | selectattr('name', 'equalto', seed.identifier) | first %}
        {% set there = adapter.get_columns_in_relation(seed) | map(attribute='name') | list %}
        {% for column in node.columns if column not in there %}
            {% do raw_input_error(
                'seeds/' ~ seed.identifier ~ '.csv',
                'column ' ~ column ~ ' is missing, found ' ~ there | join(', '),
                'the header is ' ~ node.columns | join(',')
            ) %}
        {% endfor %}
    {% endfor %}
{% endif %}

{% endmacro %}
