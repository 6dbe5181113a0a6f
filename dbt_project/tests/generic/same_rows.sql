{# Both sides have the same rows: none is lost on the way, made up, or there twice. #}
{% test same_rows(model, to, columns) %}

{% set keys = columns | join(', ') %}
(
    select {{ keys }} from {{ model }}
    except all
    select {{ keys }} from {{ to }}
)
union all
(
    select {{ keys }} from {{ to }}
    except all
    select {{ keys }} from {{ model }}
)

{% endtest %}
