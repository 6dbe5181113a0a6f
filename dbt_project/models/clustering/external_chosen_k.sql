with

ranked as (

    select * from {{ ref('external_ranked_candidates') }}

)

select
    category,
    k
from ranked
where is_chosen
