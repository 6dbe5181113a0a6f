with

final_value as (

    select * from {{ ref('final_value') }}

)

select
    *,
    words.value(
        case
            when value_code = 'measured' and clusters = 1 then 'one_range'
            else value_code
        end,
        range_skus := range_skus,
        one_range := one_range_share,
        own_range := own_range_share,
        clusters := clusters,
        covered := covered_share
    ) as value_words
from final_value
order by category, basis, clusters
