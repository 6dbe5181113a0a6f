{# In words, what the clusters of a row of cluster_value are worth. #}
{% macro value_words() -%}
    case
        when value_code = 'needs_periods'
            then
                'what clusters are worth needs two periods or more, see PERIOD_START'
        when clusters = 1
            then
                'one range of ' || range_skus || ' SKUs covers '
                || {{ readable_share('one_range_share') }}
                || ' of the average store''s demand, one for every store '
                || {{ readable_share('own_range_share') }}
        else
            clusters || ' clusters cover ' || {{ readable_share('covered_share') }}
            || ' of the average store''s demand with the same number of SKUs,'
            || ' one range ' || {{ readable_share('one_range_share') }}
            || ', every store by itself ' || {{ readable_share('own_range_share') }}
    end
{%- endmacro %}
