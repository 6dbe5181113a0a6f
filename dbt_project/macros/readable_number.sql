{# `1,234`, `12.3`, `12` or `0.0123`: as many digits as a person reads. #}
{% macro readable_number(number) -%}
    case
        when abs({{ number }}) >= 1e15 then printf('%.3g', {{ number }})
        when abs({{ number }}) >= 100
            then format('{:,}', cast(round({{ number }}) as bigint))
        when abs({{ number }}) >= 1
            then regexp_replace(printf('%.1f', {{ number }}), '\.0$', '')
        else printf('%.3g', {{ number }})
    end
{%- endmacro %}
