{#
    Long form of a wide table whose columns are the user's own: one row per row and
    column other than `keys`, with the value as text and whether it is text.
#}
{% macro melt(relation, keys) -%}
    {{ return(adapter.dispatch('melt')(relation, keys)) }}
{%- endmacro %}


{% macro default__melt(relation, keys) -%}
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


{% macro spark__melt(relation, keys) -%}
    select
        {% for key in keys %}
        wide.{{ key }},
        {% endfor %}
        field.key as feature,
        cast(field.value as string) as text_value,
        not regexp_like(
            schema_of_variant(field.value), '^(BIGINT|BOOLEAN|DECIMAL|DOUBLE|FLOAT)'
        ) as is_text
    from
        (
            select *, to_variant_object(struct(*)) as fields from {{ relation }}
        ) as wide,
        lateral variant_explode(wide.fields) as field
    where
        schema_of_variant(field.value) <> 'VOID'
        and field.key not in ({{ text_list(keys) }})
{%- endmacro %}
