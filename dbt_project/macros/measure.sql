{#
    One row of cluster_measures, as a struct: what rules compare, by default the column of
    that name, and the figures that people read with their unit, the first of them by
    default the same.
#}
{% macro measure(name, value=none, here=none, average='null', unit='null') -%}
    {
        'measure': '{{ name }}',
        'value': cast({{ value or name }} as double),
        'here': cast({{ here or value or name }} as double),
        'average': cast({{ average }} as double),
        'unit': cast({{ unit }} as varchar)
    }
{%- endmacro %}
