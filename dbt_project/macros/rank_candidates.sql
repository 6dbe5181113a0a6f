{#
    Chooses k among the scored candidates of each category.

    Each score is normalised to 0 (worst) .. 1 (best) among the candidates that may
    be chosen: those that meet the size floor, or all where none does. The combined
    score is their mean; the highest wins, the smaller k where two are equal.
#}
{% macro rank_candidates(candidates) -%}

with

candidates as (

    select * from {{ candidates }}

),

floored as (

    select
        *,
        smallest_cluster >= least(
            {{ var('min_cluster_size') }},
            {{ var('max_size_floor_share') }} * fitted_stores
        ) as meets_size_floor
    from candidates

),

eligible as (

    select
        *,
        meets_size_floor
        or not bool_or(meets_size_floor) over (partition by category) as is_eligible
    from floored

),

normalised as (

    select
        *,
        {{ normalise('silhouette') }} as silhouette_score,
        {{ normalise('calinski_harabasz') }} as calinski_harabasz_score,
        {{ normalise('-davies_bouldin') }} as davies_bouldin_score
    from eligible

),

combined as (

    select
        *,
        case when is_eligible then round((
            silhouette_score + calinski_harabasz_score + davies_bouldin_score
        ) / 3, 9) end as combined_score
    from normalised

),

ranked as (

    select
        *,
        is_eligible and row_number() over (
            partition by category, is_eligible
            order by combined_score desc, k asc
        ) = 1 as is_chosen
    from combined

)

select
    *,
    case
        when fitted_stores = 0 then 'no store takes part in the fit'
        when k = 1 then 'too few different stores for two clusters'
        when is_chosen and meets_size_floor then 'highest combined score'
        when is_chosen
            then 'highest combined score; no candidate meets the size floor'
        when not is_eligible then 'its smallest cluster is below the size floor'
        else 'lower combined score'
    end as reason
from ranked

{%- endmacro %}


{# 0 (worst) to 1 (best) among the eligible candidates; 1 where all are equal. #}
{% macro normalise(score) -%}
    case when is_eligible then coalesce(
        ({{ score }} - min({{ score }}) over (partition by category, is_eligible))
        / nullif(
            max({{ score }}) over (partition by category, is_eligible)
            - min({{ score }}) over (partition by category, is_eligible),
            0
        ),
        1
    ) end
{%- endmacro %}
