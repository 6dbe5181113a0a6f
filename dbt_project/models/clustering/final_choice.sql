with

ranked_finals as (

    select * from {{ ref('ranked_finals') }}
    where is_chosen_basis

),

final_value as (

    select * from {{ ref('final_value') }}

),

category_sales as (

    select
        category,
        sum(sales) as sales
    from {{ ref('store_eligibility') }}
    group by category

),

-- a number that is nearly as good as the best, and enough for what sells, is preferred
joined as (

    select
        ranked_finals.*,
        coalesce(
            final_value.is_smallest_within_one_se
            and ranked_finals.is_within_maximum
            and ranked_finals.is_enough
            and ranked_finals.weighed_score >= 0.95 * max(
                ranked_finals.weighed_score
            ) filter (ranked_finals.place = 1) over (
                partition by ranked_finals.category
            ),
            false
        ) as is_enough_for_sales,
        final_value.value_code,
        round(final_value.gain_sales, 2) as gain_sales,
        category_sales.sales as category_sales
    from ranked_finals
    inner join category_sales
        on ranked_finals.category = category_sales.category
    left join final_value
        on
            ranked_finals.category = final_value.category
            and ranked_finals.clusters = final_value.clusters

),

recommended as (

    select
        *,
        row_number() over (
            partition by category
            order by
                is_held desc,
                is_enough_for_sales desc,
                place asc
        ) = 1 as is_recommended,
        -- what would be recommended if there were no last run
        min(place) over (partition by category) = 1
        and row_number() over (
            partition by category
            order by
                is_enough_for_sales desc,
                place asc
        ) = 1 as is_best,
        coalesce(clusters = fixed_clusters, false) as is_fixed
    from joined

),

-- where a person fixed a number that the stores do not allow, the nearest to it
preferred as (

    select
        *,
        row_number() over (
            partition by category
            order by
                abs(clusters - fixed_clusters) asc, is_recommended desc, place asc
        ) = 1 as is_preferred
    from recommended

),

-- what a budget over all categories may choose: the preferred number, or fewer
allowed as (

    select
        *,
        is_preferred
        or (
            {{ var('total_final_clusters') }} > 0
            and fixed_clusters is null
            and clusters < max(clusters) filter (is_preferred) over (
                partition by category
            )
        ) as is_allowed,
        case
            when bool_and(value_code = 'measured') over ()
                then gain_sales
            else score * cast(category_sales as double)
        end as value
    from preferred

)

select * from allowed
