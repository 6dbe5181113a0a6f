{# Both sides have the same rows: none is lost on the way, made up, or there twice. #}
{% test same_rows(model, to, columns) %}

{{ unmatched(model, to, columns, 'except all') }}

{% endtest %}
