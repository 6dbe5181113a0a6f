{# A share, 0 to 1, as a percentage: `37 %`, `4.6 %`, `0 %`. #}
{% macro readable_share(share) -%}
    case
        when abs({{ share }}) < 0.0005 then '0 %'
        when abs({{ share }}) < 0.0995 then printf('%.1f %%', 100 * {{ share }})
        else printf('%.0f %%', 100 * {{ share }})
    end
{%- endmacro %}
