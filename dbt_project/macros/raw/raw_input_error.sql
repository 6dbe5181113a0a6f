{# Stops the run with one line. `remedy` says what the reader can do about it. #}
{% macro raw_input_error(where, problem, remedy) %}
    {% do exceptions.raise_compiler_error('Input error: ' ~ where ~ ': ' ~ problem ~ '; ' ~ remedy) %}
{% endmacro %}
