{# Stops the run with one line: the value found and the value wanted. #}
{% macro settings_error(problem) %}
    {% do exceptions.raise_compiler_error('Settings error: ' ~ problem) %}
{% endmacro %}
