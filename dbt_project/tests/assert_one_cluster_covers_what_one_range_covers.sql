select
    category,
    basis,
    covered_share,
    one_range_share,
    covered_sales_share,
    one_range_sales_share,
    gain
from {{ ref('cluster_value') }}
where
    clusters = 1
    and value_code = 'measured'
    and (
        covered_share is distinct from one_range_share
        or covered_sales_share is distinct from one_range_sales_share
        or gain is distinct from 0
        or own_range_share is null
    )
