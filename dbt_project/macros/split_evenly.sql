{#
    An amount over a count, as an exact decimal: ten digits, so that the parts of
    10 million rows add up to the whole within a tenth of a cent, in any order.
#}
{% macro split_evenly(amount, parts) -%}
    cast({{ amount }} / {{ parts }} as decimal(28, 10))
{%- endmacro %}
