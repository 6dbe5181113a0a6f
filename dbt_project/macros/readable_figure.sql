{# The figure of a measure in mart cluster_measures: a share as a percentage. #}
{% macro readable_figure(figure) -%}
    case
        when contains(measure, 'share') or contains(measure, 'need_state')
            or contains(feature, ' = ')
            then {{ readable_share(figure) }}
        else {{ readable_number(figure) }}
    end
{%- endmacro %}
