{#
    True where no number is in a text twice, as printed: a sentence that compares two
    figures says nothing where they are the same, and confuses where one is in a name.
#}
{% macro says_two_figures(text) -%}
    list_unique(list_transform(
        regexp_extract_all({{ text }}, '[0-9][0-9,.]*'),
        lambda number: try_cast(rtrim(replace(number, ',', ''), '.') as double)
    )) = len(regexp_extract_all({{ text }}, '[0-9][0-9,.]*'))
{%- endmacro %}
