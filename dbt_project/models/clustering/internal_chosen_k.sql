with

ranked as (

    select * from {{ ref('internal_ranked_candidates') }}

)

select
    category,
    k
from ranked
where is_chosen
