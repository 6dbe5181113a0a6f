{# No cluster has more stores than max_cluster_size, where that is set. #}
{% test cluster_max_size(model, column_name) %}

select
    category,
    {{ column_name }},
    count(*) as store_count
from {{ model }}
group by category, {{ column_name }}
having count(*) > nullif({{ var('max_cluster_size') }}, 0)

{% endtest %}
