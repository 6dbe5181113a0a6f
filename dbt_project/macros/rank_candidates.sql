{#
    Chooses k among the scored candidates of each category.

    ml.candidates has judged them. All whose combined score is within k_margin of the highest
    count as equally good: of these the k of the last published run stays, and without one
    the smallest is taken. Where none may be chosen, the stores are one cluster. A k that a
    person fixed wins over all this; what would have been chosen stays marked as
    recommended.
#}
{% macro rank_candidates(candidates, side, scopes=none) -%}

with

candidates as (

    select * exclude (input_fingerprint, is_kept)
    from {{ candidates }}

),

previous_k as (

    select
        {{ 'scopes.scope' if scopes else 'published.category' }} as category,
        max(published.k) as previous_k
    from {{ source('published', 'k_selection') }} as published
    {% if scopes -%}
        inner join {{ scopes }} as scopes
            on published.category = scopes.category
    {% endif -%}
    where
        published.side = '{{ side }}'
        and published.is_chosen
        -- what a person fixed goes when the person says so
        and not published.is_fixed
    group by 1

),

compared as (

    select
        candidates.*,
        coalesce(candidates.k = previous_k.previous_k, false) as is_previous,
        is_reproducible and beats_reference as is_stable,
        max(k) over (partition by candidates.category) = 1 as is_only_one,
        bool_or(is_fixed) over (partition by candidates.category) as has_fixed
    from candidates
    left join previous_k
        on candidates.category = previous_k.category

),

rated as (

    select
        *,
        max(combined_score) over (partition by category, is_eligible) as best_score,
        coalesce(
            round(best_score - combined_score, 9) <= {{ var('k_margin') }}, false
        ) as is_as_good
    from compared

),

recommended as (

    select
        *,
        is_eligible and row_number() over (
            partition by category, is_eligible
            order by
                is_as_good desc,
                is_as_good and is_previous and not has_fixed desc,
                k asc
        ) = 1 as is_recommended,
        is_eligible and combined_score = best_score as is_best
    from rated

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
        when fitted_stores = 0 then 'no_stores'
        when is_fixed and is_recommended then 'fixed_and_recommended'
        when is_fixed then 'fixed'
        when has_fixed and is_recommended then 'other_fixed'
        when is_only_one then 'only_one'
        when k = 1 and is_recommended then 'no_other'
        when k = 1 then 'another_is_stable'
        when is_recommended and is_best then 'best_score'
        when is_recommended and is_previous then 'kept'
        when is_recommended then 'smallest'
        when not is_reproducible then 'not_reproduced'
        when not beats_reference then 'not_clear'
        when not meets_size_floor then 'too_small'
        when is_as_good then 'not_better'
        else 'lower_score'
    end as reason_code
from ranked

{%- endmacro %}
