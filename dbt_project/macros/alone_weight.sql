{#
    What the score of final clusters made of one side alone counts, beside those of both
    together: these tell more, and have to be clearly worse to be left for one side. Of
    two sides that are as good alone, what sells comes first.
#}
{% macro alone_weight(basis) -%}
    case {{ basis }}
        when 'internal' then 0.75
        when 'external' then 0.675
        else 1
    end
{%- endmacro %}
