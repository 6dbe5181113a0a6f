with

final_choice as (

    select * from {{ ref('final_choice') }}

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
        case reason_code
            when 'fixed' then 'fixed by a person'
            when 'nearest_to_fixed'
                then 'nearest to the number that a person fixed'
            when 'recommended' then 'recommended, but another number is fixed'
            when 'only_one' then 'the stores do not differ enough for two'
            when 'best_score'
                then 'explains most for how well its clusters are reproduced'
            when 'above_maximum' then 'more than max_final_clusters'
            when 'more_are_worth_it' then 'explains nothing'
            when 'below_minimum' then 'fewer than min_final_clusters'
            when 'not_firm'
                then 'its clusters are not reproduced when stores are resampled'
            else 'explains less for how well its clusters are reproduced'
        end as reason
    from final_choice

)

select * from rounded
order by category, clusters
