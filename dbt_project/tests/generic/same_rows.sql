{# Both sides have the same keys: nothing is lost on the way, and nothing made up. #}
{% test same_rows(model, to, columns) %}

{% set keys = columns | join(', ') %}
(
    select {{ keys }} from {{ model }}
    except
    select {{ keys }} from {{ to }}
)
union all
(
    select {{ keys }} from {{ to }}
    except
    select {{ keys }} from {{ model }}
)

{% endtest %}
