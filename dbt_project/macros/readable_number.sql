{# `1,234`, `12.3` or `0.0123`: as many digits as a person reads. #}
{% macro readable_number(number) -%}
    case
        when abs({{ number }}) >= 1e15 then printf('%.3g', {{ number }})
        when abs({{ number }}) >= 100
            then format('{:,}', cast(round({{ number }}) as bigint))
        when abs({{ number }}) >= 1 then printf('%.1f', {{ number }})
        else printf('%.3g', {{ number }})
    end
{%- endmacro %}
