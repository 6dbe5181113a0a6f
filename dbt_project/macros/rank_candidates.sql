{#
    Chooses k among the scored candidates of each category.

    Only a k that is found again in subsamples, and whose silhouette beats that of one
    normal cloud, may be chosen: of these, the ones that meet the size floor, or all
    where none does. Each score is normalised to 0 (worst) .. 1 (best) among them; the
    combined score is their mean; the highest wins, the smaller k where two are
    equal. The k of the last published run stays as long as none is better by
    keep_k_margin. Where no k is stable, the stores are one cluster. A k that a user fixed
    wins over all this; what would have been chosen stays marked as recommended.
#}
{% macro rank_candidates(candidates, side) -%}

with

candidates as (

    select * exclude (input_fingerprint, is_kept)
    from {{ candidates }}

),

previous_k as (

    select
        category,
        k as previous_k
    from {{ ref('previous_k') }}
    where side = '{{ side }}'

),

judged as (

    select
        candidates.*,
        coalesce(candidates.k = previous_k.previous_k, false) as is_previous,
        smallest_cluster >= least(
            {{ var('min_cluster_size') }},
            {{ var('max_size_floor_share') }} * fitted_stores
        ) as meets_size_floor,
        coalesce(stability >= {{ var('min_stability') }}, false) as is_found_again,
        coalesce(silhouette > reference_silhouette, false) as beats_reference
    from candidates
    left join previous_k
        on candidates.category = previous_k.category

),

compared as (

    select
        *,
        is_found_again and beats_reference as is_stable,
        max(k) over (partition by category) = 1 as is_only_one,
        bool_or(is_fixed) over (partition by category) as has_fixed,
        bool_or(is_found_again and beats_reference) over (partition by category)
            as has_stable,
        bool_or(is_found_again and beats_reference and meets_size_floor)
            over (partition by category) as has_large_stable
    from judged

),

eligible as (

    select
        *,
        case
            when has_stable
                then is_stable and (meets_size_floor or not has_large_stable)
            else k = 1
        end as is_eligible
    from compared

),

normalised as (

    select
        *,
        {{ normalise('silhouette') }} as silhouette_score,
        {{ normalise('calinski_harabasz') }} as calinski_harabasz_score,
        {{ normalise('-davies_bouldin') }} as davies_bouldin_score,
        {{ normalise('stability') }} as stability_score
    from eligible

),

combined as (

    select
        *,
        case when is_eligible then round((
            silhouette_score
            + calinski_harabasz_score
            + davies_bouldin_score
            + stability_score
        ) / 4, 9) end as combined_score
    from normalised

),

recommended as (

    select
        *,
        is_eligible and row_number() over (
            partition by category, is_eligible
            order by
                combined_score
                + (is_previous and not has_fixed)::integer
                * {{ var('keep_k_margin') }} desc,
                k asc
        ) = 1 as is_recommended,
        is_eligible and combined_score = max(combined_score) over (
            partition by category, is_eligible
        ) as is_best
    from combined

),

ranked as (

    select
        *,
        case when has_fixed then is_fixed else is_recommended end as is_chosen
    from recommended

)

select
    *,
    case
        when fitted_stores = 0 then 'no store takes part in the fit'
        when is_fixed and is_recommended then 'fixed by a user, and recommended'
        when is_fixed then 'fixed by a user'
        when has_fixed and is_recommended then 'recommended, but another k is fixed'
        when is_only_one then 'too few different stores for two clusters'
        when k = 1 and is_recommended then 'no other k is stable'
        when k = 1 then 'another k is stable'
        when is_recommended and not is_best
            then 'kept from the last run: no other k is better by keep_k_margin'
        when is_recommended and meets_size_floor then 'highest combined score'
        when is_recommended
            then 'highest combined score; no stable candidate meets the size floor'
        when not is_found_again
            then 'its clusters are not found again when stores are resampled'
        when not beats_reference
            then 'its clusters are no clearer than those of one normal cloud'
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
