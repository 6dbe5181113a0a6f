with

candidates as (

    select
        'internal' as side,
        *
    from {{ ref('internal_ranked_candidates') }}
    union all by name
    select
        'external' as side,
        * exclude (scope)
    from {{ ref('external_ranked_candidates') }}

),

rounded as (

    select
        category,
        side,
        cast(k as integer) as k,
        fitted_stores,
        smallest_cluster,
        meets_size_floor,
        round(silhouette, 6) as silhouette,
        round(calinski_harabasz, 6) as calinski_harabasz,
        round(davies_bouldin, 6) as davies_bouldin,
        round(stability, 6) as stability,
        round(reference_silhouette, 6) as reference_silhouette,
        is_stable,
        round(combined_score, 6) as combined_score,
        is_recommended,
        is_fixed,
        is_chosen,
        reason_code,
        words.k_reason(reason_code) as reason
    from candidates

)

select * from rounded
order by category, side, k
