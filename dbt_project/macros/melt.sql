{#
    Long form of a wide table whose columns are the user's own: one row per row and
    column other than `keys`, with the value as text and whether it is a number.
#}
{% macro melt(relation, keys) -%}
    select
        {% for key in keys %}
        {{ relation }}.{{ key }},
        {% endfor %}
        field.key as feature,
        field.value ->> '$' as text_value,
        field.type in ('VARCHAR', 'ARRAY', 'OBJECT') as is_text
    from {{ relation }}, json_each(to_json({{ relation }})) as field
    where
        field.type <> 'NULL'
        and field.key not in ({{ text_list(keys) }})
{%- endmacro %}
