with

final_value as (

    select * from {{ ref('final_value') }}

)

select
    *,
    {{ value_words() }} as value_words
from final_value
order by category, basis, clusters
