{#
    Part `number` of an amount that is split over `parts`, to ten digits. The first
    part takes what rounding leaves, so that the parts add up to the amount exactly.
#}
{% macro split_evenly(amount, parts, number) -%}
    {% set share = 'cast(' ~ amount ~ ' as double) / ' ~ parts -%}
    {% set part = to_decimal(share, 28, 10) -%}
    cast(
        case
            when {{ number }} = 1 then {{ amount }} - {{ part }} * ({{ parts }} - 1)
            else {{ part }}
        end as decimal(28, 10)
    )
{%- endmacro %}
