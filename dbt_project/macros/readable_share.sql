{# A share, 0 to 1, as a percentage: `37 %`, `4.6 %`. #}
{% macro readable_share(share) -%}
    case
        when {{ share }} between 0.0005 and 0.0995
            then printf('%.1f %%', 100 * {{ share }})
        else printf('%.0f %%', 100 * {{ share }})
    end
{%- endmacro %}
