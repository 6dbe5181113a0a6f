{# The day in UTC, as clustering/core/clock.py has it, whatever the machine's zone. #}
{% macro today() %}
    {{- "cast(timezone('UTC', now()) as date)" -}}
{% endmacro %}
