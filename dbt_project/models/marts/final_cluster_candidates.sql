with

final_choice as (

    select * from {{ ref('final_choice') }}

),

chosen_finals as (

    select
        category,
        clusters as chosen_clusters
    from {{ ref('chosen_finals') }}

),

reasoned as (

    select
        final_choice.*,
        final_choice.clusters = chosen_finals.chosen_clusters as is_chosen,
        case
            when final_choice.clusters = chosen_finals.chosen_clusters
                then case
                    when not final_choice.is_preferred then 'budget'
                    when final_choice.is_fixed then 'fixed'
                    when not final_choice.is_recommended then 'nearest_to_fixed'
                    when
                        max(final_choice.clusters) over (
                            partition by final_choice.category
                        ) = 1
                        then 'only_one'
                    when final_choice.is_held and not final_choice.is_best
                        then 'kept'
                    when final_choice.place > 1 then 'enough_for_sales'
                    else 'best_score'
                end
            when final_choice.is_recommended then 'recommended'
            when not final_choice.is_within_maximum then 'above_maximum'
            when final_choice.clusters = 1 then 'more_are_worth_it'
            when final_choice.clusters < {{ var('min_final_clusters') }}
                then 'below_minimum'
            when not final_choice.is_firm then 'not_firm'
            else 'lower_score'
        end as reason_code
    from final_choice
    inner join chosen_finals
        on final_choice.category = chosen_finals.category

),

rounded as (

    select
        category,
        cast(clusters as integer) as clusters,
        basis,
        round(explained_variance, 6) as explained_variance,
        round(sales_explained, 6) as sales_explained,
        round(surroundings_explained, 6) as surroundings_explained,
        smallest_cluster,
        largest_cluster,
        round(agreement, 6) as agreement,
        firm_cluster_count,
        round(firm_store_share, 6) as firm_store_share,
        round(firm_sales_share, 6) as firm_sales_share,
        round(score, 6) as score,
        is_recommended,
        is_fixed,
        is_chosen,
        reason_code,
        words.final_reason(reason_code) as reason
    from reasoned

)

select * from rounded
order by category, clusters
