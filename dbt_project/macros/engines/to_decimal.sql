{#
    A double as a decimal, rounded in the same way by every engine: decimals add up to the
    same sum in any order. With `or_null`, one that does not fit, or is not finite, is null.
#}
{% macro to_decimal(value, precision, scale, or_null=false) -%}
    {{ return(adapter.dispatch('to_decimal')(value, precision, scale, or_null)) }}
{%- endmacro %}


{% macro default__to_decimal(value, precision, scale, or_null) -%}
    {{ 'try_cast' if or_null else 'cast' }}(
        {{- value }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}


{#
    As DuckDB does it: the double is multiplied by a power of ten and rounded, halves away
    from zero. What that gives is taken apart at 32 bits: either part is exact, whatever the
    size.
#}
{% macro spark__to_decimal(value, precision, scale, or_null) -%}
    {%- set shift = '1e' ~ scale -%}
    aggregate(
        array(round(({{ value }}) * {{ shift }})),
        cast(null as decimal({{ precision }}, {{ scale }})),
        (_, units) -> cast(
            case
                when abs(units) < 1e{{ precision }} then
                    (
                        cast(floor(units / 4294967296) as decimal(19, 0))
                        * 4294967296
                        + cast(
                            units - floor(units / 4294967296) * 4294967296
                            as decimal(19, 0)
                        )
                    ) * cast('1e-{{ scale }}' as decimal({{ scale + 1 }}, {{ scale }}))
            end as decimal({{ precision }}, {{ scale }})
        )
    )
{%- endmacro %}
