{# The settings of all Python models, as one text: what a result depends on. #}
{% macro model_settings() %}
    {% set settings = [] %}
    {% for node in (graph.nodes.values() if execute else []) | sort(attribute='name') %}
        {% set of_model = node.config.get('meta', {}).get('settings') %}
        {% if of_model %}
            {% do settings.append(node.name ~ tojson(of_model, sort_keys=true)) %}
        {% endif %}
    {% endfor %}
    {{ return(settings | join(' ')) }}
{% endmacro %}
