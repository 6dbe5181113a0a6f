{#
    Variance of the share that a SKU has of the sales of some stores, if it is that of the
    category: of a ratio, from the stores' residuals. `stores` names the sums over those
    stores, such as `others.%s`.
#}
{% macro share_variance(stores) -%}
    {%- set share = '(whole.sales / whole.node_sales)' -%}
    (
        {{ stores | replace('%s', 'squares') }}
        - 2 * {{ share }} * {{ stores | replace('%s', 'products') }}
        + power({{ share }}, 2) * {{ stores | replace('%s', 'node_squares') }}
    ) / nullif(power({{ stores | replace('%s', 'node_sales') }}, 2), 0)
{%- endmacro %}
