{# Stops the run with one line: what, where, value found, value wanted, remedy. #}
{% macro raw_input_error(problem) %}
    {% do exceptions.raise_compiler_error('Input error: ' ~ problem) %}
{% endmacro %}
