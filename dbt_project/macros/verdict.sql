{#
    How far the final clusters of a category can be trusted, as a code: `stable` where
    clusters with three quarters of the stores are firm, `partly_stable` where at least
    one is, else `unstable`; or why there is one cluster only.
#}
{% macro verdict_code() -%}
    case
        when cluster_count = 1 and merged_cluster_count > 1 then 'one_cluster_small'
        when cluster_count = 1 and finest_k = 1 then 'one_cluster_alike'
        when cluster_count = 1 and finest_stable_k = 1 then 'one_cluster_unstable'
        when cluster_count = 1 then 'one_cluster_fixed'
        when stable_cluster_count = cluster_count then 'stable'
        when firm_store_share >= {{ firm_from() }} then 'mostly_stable'
        when stable_cluster_count > 0 then 'partly_stable'
        else 'unstable'
    end
{%- endmacro %}


{#
    The same in words, with the shares of stores and sales that are in firm clusters, and
    a word of a prior that outweighs the median store.
#}
{% macro verdict() -%}
    case verdict_code
        when 'one_cluster_small'
            then
                'one cluster: the ' || merged_cluster_count || ' merged clusters are'
                || ' too small to stand, see min_cluster_size and min_cluster_share'
        when 'one_cluster_alike' then 'one cluster: too few different stores for two'
        when 'one_cluster_unstable'
            then
                'unstable: no split of the stores is reproducible and clearer than'
                || ' chance, so they are one cluster'
        when 'one_cluster_fixed' then 'one cluster: a user fixed that'
        else replace(verdict_code, '_', ' ') || ': ' || printf(
            '%d of %d clusters are reproduced when stores are resampled,'
            || ' with %.0f %% of stores and %.0f %% of sales',
            stable_cluster_count,
            cluster_count,
            100 * firm_store_share,
            100 * coalesce(firm_sales_share, 0)
        )
    end
    || case
        when prior_code = 'heavy'
            then printf(
                '; what a store sells counts little beside the average of all, which'
                || ' weighs as much as %.1f median stores',
                prior_weight
            )
        else ''
    end
{%- endmacro %}
