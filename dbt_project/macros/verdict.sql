{# In words, how far the clusters of a category can be trusted. #}
{% macro verdict() -%}
    case
        when cluster_count = 1 and merged_cluster_count > 1
            then
                'one cluster: the ' || merged_cluster_count || ' merged clusters are'
                || ' too small to stand, see min_cluster_size and min_cluster_share'
        when cluster_count = 1 and finest_k = 1
            then 'one cluster: too few different stores for two'
        when cluster_count = 1 and finest_stable_k = 1
            then
                'unstable: no split of the stores is found again and clearer than'
                || ' chance, so they are one cluster'
        when cluster_count = 1 then 'one cluster: a user fixed that'
        when stable_cluster_count = cluster_count
            then
                'stable: all ' || cluster_count
                || ' clusters are found again when stores are resampled'
        when stable_cluster_count = 0
            then
                'unstable: none of the ' || cluster_count
                || ' clusters is found again when stores are resampled'
        when 2 * stable_cluster_count < cluster_count or stable_cluster_count = 1
            then
                'unstable: only ' || stable_cluster_count || ' of ' || cluster_count
                || ' clusters found again when stores are resampled'
        else
            'mostly stable: ' || stable_cluster_count || ' of ' || cluster_count
            || ' clusters are found again when stores are resampled'
    end || case
        when cluster_count > 1 and finest_stable_k = 2 and finest_k > 2
            then '; any finer split of either side is unstable'
        else ''
    end
{%- endmacro %}
