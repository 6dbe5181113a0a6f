{# There is at least one row, of what is made from raw tables: see macros/builds/seam.sql. #}
{% test not_empty(model) %}

select row_count
from (select count(*) as row_count from {{ model }})
where row_count = 0 and not {{ goes_on_from_seam() }}

{% endtest %}
