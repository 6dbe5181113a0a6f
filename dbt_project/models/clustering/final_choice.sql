with

candidates as (

    select * from {{ ref('ranked_finals') }}
    where is_chosen_basis

),

recommended as (

    select
        *,
        place = min(place) over (partition by category) as is_recommended,
        clusters = fixed_clusters as is_fixed
    from candidates

),

-- where a person fixed a number that the stores do not allow, the nearest to it
chosen as (

    select
        * replace (coalesce(is_fixed, false) as is_fixed),
        row_number() over (
            partition by category
            order by abs(clusters - fixed_clusters) asc, place asc
        ) = 1 as is_chosen
    from recommended

),

reasoned as (

    select
        *,
        max(clusters) over (partition by category) as most_clusters,
        case
            when is_chosen and is_fixed then 'fixed'
            when is_chosen and not is_recommended then 'nearest_to_fixed'
            when is_recommended and not is_chosen then 'recommended'
            when is_chosen and max(clusters) over (partition by category) = 1
                then 'only_one'
            when is_chosen then 'best_score'
            when not is_within_maximum then 'above_maximum'
            when clusters = 1 then 'more_are_worth_it'
            when clusters < {{ var('min_final_clusters') }} then 'below_minimum'
            when agreement < {{ firm_from() }} then 'not_firm'
            else 'lower_score'
        end as reason_code
    from chosen

)

select * from reasoned
