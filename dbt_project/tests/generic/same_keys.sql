{# Both sides have the same keys, however often: none is lost on the way, or made up. #}
{% test same_keys(model, to, columns) %}

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
