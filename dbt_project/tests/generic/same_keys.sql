{# Both sides have the same keys, however often: none is lost on the way, or made up. #}
{% test same_keys(model, to, columns) %}

{{ unmatched(model, to, columns, 'except') }}

{% endtest %}
