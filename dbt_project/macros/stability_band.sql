{# The bands of Hennig (2007) for a bootstrapped Jaccard similarity. #}
{% macro stability_band(jaccard) -%}
    case
        when {{ jaccard }} >= 0.85 then 'highly stable'
        when {{ jaccard }} >= {{ firm_from() }} then 'stable'
        when {{ jaccard }} >= 0.60 then 'a pattern'
        when {{ jaccard }} < 0.60 then 'unstable'
        else 'unknown'
    end
{%- endmacro %}
