{#
    Every value is one of the setting volume_bands; null passes. The test reads the
    setting itself: dbt renders what the YAML of a test has, once more.
#}
{% test is_volume_band(model, column_name) %}

    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} not in ({{ text_list(var('volume_bands')) }})

{% endtest %}
