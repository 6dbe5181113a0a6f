with

final_choice as (

    select
        category,
        basis,
        clusters,
        internal_ks,
        external_ks
    from {{ ref('final_choice') }}
    where is_chosen

)

select * from final_choice
