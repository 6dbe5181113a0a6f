with

final_numbers as (

    select * from {{ ref('final_numbers') }}

),

final_choice as (

    select * from {{ ref('final_choice') }}

),

joined as (

    select
        final_choice.category,
        final_choice.basis,
        final_choice.clusters,
        final_choice.internal_ks,
        final_choice.external_ks
    from final_choice
    inner join final_numbers
        on
            final_choice.category = final_numbers.category
            and final_choice.clusters = final_numbers.clusters

)

select * from joined
