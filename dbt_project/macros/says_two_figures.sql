{#
    True where no number is in a text twice, as printed: a sentence that compares two
    figures says nothing where they are the same, and confuses where one is in a name.
#}
{% macro says_two_figures(text) -%}
    len(regexp_extract_all({{ text }}, '[0-9][0-9,]*(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?'))
    = len(list_distinct(list_transform(
        regexp_extract_all({{ text }}, '[0-9][0-9,]*(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?'),
        lambda number: try_cast(replace(number, ',', '') as double)
    )))
{%- endmacro %}
