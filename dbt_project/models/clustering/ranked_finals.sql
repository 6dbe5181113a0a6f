with

scores as (

    select
        * exclude (input_fingerprint, is_kept)
        replace ({{ as_list('jaccard', 'double') }} as jaccard)
    from {{ ref('final_cluster_scores') }}

),

paths as (

    select * from {{ ref('final_cluster_paths') }}

),

eligibility as (

    select * from {{ ref('store_eligibility') }}

),

fixed as (

    select * from {{ ref('fixed_k_in_force') }}
    where side = 'final'

),

-- what a person fixed is not the program's choice, and goes when the person says so
previous as (

    select
        category,
        basis,
        clusters
    from {{ source('published', 'final_cluster_candidates') }}
    where is_chosen and not is_fixed

),

-- a leaf's stores stay together on the way down: few rows from here on
leaves as (

    select
        paths.category,
        paths.basis,
        paths.leaf,
        {{ as_list('any_value(paths.path)', 'integer') }} as cluster_path,
        count(*) as store_count,
        sum(eligibility.sales) as sales
    from paths
    inner join eligibility
        on
            paths.store_id = eligibility.store_id
            and paths.category = eligibility.category
    group by paths.category, paths.basis, paths.leaf

),

placed as (

    select
        scores.category,
        scores.basis,
        scores.clusters,
        leaves.store_count,
        leaves.sales,
        leaves.cluster_path[scores.clusters] as cluster_number,
        scores.jaccard[leaves.cluster_path[scores.clusters]]
        >= {{ firm_from() }} as is_firm
    from scores
    inner join leaves
        on
            scores.category = leaves.category
            and scores.basis = leaves.basis

),

firm as (

    select
        category,
        basis,
        clusters,
        count(distinct cluster_number) filter (is_firm) as firm_cluster_count,
        coalesce(sum(store_count) filter (is_firm), 0) / sum(store_count)
            as firm_store_share,
        cast(coalesce(sum(sales) filter (is_firm), 0) as double)
        / nullif(cast(sum(sales) as double), 0) as firm_sales_share
    from placed
    group by category, basis, clusters

),

judged as (

    select
        scores.*,
        firm.firm_cluster_count,
        firm.firm_store_share,
        firm.firm_sales_share,
        scores.clusters <= {{ var('max_final_clusters') }} as is_within_maximum,
        fixed.k as fixed_clusters,
        scores.clusters > 1
        and scores.agreement >= {{ firm_from() }}
        and firm.firm_store_share >= {{ firm_from() }} as is_firm,
        scores.clusters >= {{ var('min_final_clusters') }}
        and scores.agreement >= {{ var('min_stability') }} as is_enough,
        round(
            scores.explained_variance * pow(greatest(scores.agreement, 0), 2), 9
        ) as score
    from scores
    inner join firm
        on
            scores.category = firm.category
            and scores.basis = firm.basis
            and scores.clusters = firm.clusters
    left join fixed
        on scores.category = fixed.category

),

weighed as (

    select
        judged.*,
        previous.category is not null as is_previous,
        -- clusters of both sides say more than those of one, and have to be clearly
        -- worse to be left for it; of two sides as good alone, what sells comes first
        judged.score * case judged.basis
            when 'internal' then 0.75
            when 'external' then 0.675
            else 1
        end as weighed_score
    from judged
    left join previous
        on
            judged.category = previous.category
            and judged.basis = previous.basis
            and judged.clusters = previous.clusters

),

-- clusters that people work with should not come and go
compared as (

    select
        *,
        is_previous
        and is_within_maximum
        and agreement >= {{ var('min_stability') }}
        and weighed_score * (1 + {{ var('final_margin') }})
        >= max(weighed_score) filter (is_within_maximum) over (
            partition by category
        ) as is_held
    from weighed

),

ranked as (

    select
        *,
        row_number() over (
            partition by category
            order by
                is_within_maximum desc,
                is_enough desc,
                weighed_score desc,
                clusters asc,
                basis asc
        ) as place
    from compared

),

-- the basis that the best number has, or that of the last run if its number stays;
-- where a person fixed the number, the best basis that reaches it
based as (

    select
        category,
        coalesce(
            arg_min(basis, place) filter (clusters = fixed_clusters),
            arg_min(basis, place) filter (is_held),
            arg_min(basis, place)
        ) as chosen_basis
    from ranked
    group by category

)

select
    ranked.*,
    ranked.basis = based.chosen_basis as is_chosen_basis
from ranked
inner join based
    on ranked.category = based.category
