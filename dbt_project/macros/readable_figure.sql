{# The figure of a measure in mart cluster_measures, in the unit of what it is about. #}
{% macro readable_figure(figure, unit) -%}
    case
        when contains(measure, 'share') then {{ readable_share(figure) }}
        else {{ readable_value(figure, 'coalesce(' ~ unit ~ ", '')") }}
    end
{%- endmacro %}
