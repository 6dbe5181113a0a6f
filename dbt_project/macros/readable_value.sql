{# A figure in its unit: `37 %`, `$1,234`, `2.1 km`; of the unit `share`, 0 to 1. #}
{% macro readable_value(value, unit) -%}
    case
        when {{ unit }} = 'share' then {{ readable_share(value) }}
        when {{ unit }} in ('$', '€', '£') and {{ value }} < 0
            then '-' || {{ unit }} || {{ readable_number('abs(' ~ value ~ ')') }}
        when {{ unit }} in ('$', '€', '£')
            then {{ unit }} || {{ readable_number(value) }}
        else concat_ws(' ', {{ readable_number(value) }}, nullif({{ unit }}, ''))
    end
{%- endmacro %}
