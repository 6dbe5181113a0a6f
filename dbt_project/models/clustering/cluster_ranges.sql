with

candidates as (

    select * from {{ ref('range_candidates') }}

),

range_sizes as (

    select * from {{ ref('range_sizes') }}

),

-- 0 where a node differs from the rest of the category by no more than chance
weights as (

    select
        category,
        basis,
        node,
        fold,
        greatest(
            0, 1 - 2 / nullif(sum(coalesce(contrast, 0)) / count(*), 0)
        ) as own_weight
    from candidates
    group by category, basis, node, fold

),

ranked as (

    select
        candidates.category,
        candidates.basis,
        candidates.node,
        candidates.fold,
        candidates.sku_id,
        row_number() over (
            partition by
                candidates.category,
                candidates.basis,
                candidates.node,
                candidates.fold
            order by
                candidates.category_share
                + coalesce(weights.own_weight, 0)
                * (candidates.node_share - candidates.category_share) desc,
                candidates.category_share desc,
                candidates.sku_id asc
        ) as place
    from candidates
    inner join weights
        on
            candidates.category = weights.category
            and candidates.basis = weights.basis
            and candidates.node = weights.node
            and candidates.fold = weights.fold

)

select ranked.*
from ranked
inner join range_sizes
    on
        ranked.category = range_sizes.category
        and ranked.place <= range_sizes.range_skus
