{#
    Sets of periods of a category, with a bit for each of its periods. DuckDB has a type
    for them; on Spark they are text of zeros and ones.
#}

{# The set of one period. #}
{% macro bit_of_period(number, count) %}
    {{- return(adapter.dispatch('bit_of_period')(number, count)) -}}
{% endmacro %}


{% macro default__bit_of_period(number, count) -%}
    set_bit(cast(repeat('0', {{ count }}) as bit), {{ number }} - 1, 1)
{%- endmacro %}


{% macro spark__bit_of_period(number, count) -%}
    concat(repeat('0', {{ number }} - 1), '1', repeat('0', {{ count }} - {{ number }}))
{%- endmacro %}


{# The set of all periods of a group of rows of int_periods; null where it has none. #}
{% macro bits_of_periods(periods) %}
    {{- return(adapter.dispatch('bits_of_periods')(periods)) -}}
{% endmacro %}


{% macro default__bits_of_periods(periods) -%}
    bit_or({{ periods }}.period_bits)
{%- endmacro %}


{% macro spark__bits_of_periods(periods) -%}
    aggregate(
        array(collect_set({{ periods }}.period_number)),
        cast(null as string),
        (_, numbers) -> array_join(
            transform(
                sequence(1, max({{ periods }}.period_count)),
                number -> if(array_contains(numbers, number), '1', '0')
            ),
            ''
        )
    )
{%- endmacro %}


{# How many periods a set has. #}
{% macro count_periods(bits) %}
    {{- return(adapter.dispatch('count_periods')(bits)) -}}
{% endmacro %}


{% macro default__count_periods(bits) %}bit_count({{ bits }}){% endmacro %}


{% macro spark__count_periods(bits) %}length(replace({{ bits }}, '0', '')){% endmacro %}
