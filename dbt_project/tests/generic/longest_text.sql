{# Texts longer than they may be. #}
{% test longest_text(model, column_name, max_length) %}

    select {{ column_name }}
    from {{ model }}
    where length({{ column_name }}) > {{ max_length }}

{% endtest %}
