{#
    What the score of final clusters by surroundings alone counts, beside one by sales
    alone: those have to be a tenth better.
#}
{% macro external_alone() -%} 0.9 {%- endmacro %}
