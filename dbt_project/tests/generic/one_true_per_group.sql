{# Exactly one row of each group has a true `column_name`. #}
{% test one_true_per_group(model, column_name, group_by) %}

select {{ group_by | join(', ') }}
from {{ model }}
group by {{ group_by | join(', ') }}
having count(*) filter ({{ column_name }}) <> 1

{% endtest %}
