with

compared_categories as (

    select * from {{ ref('compared_categories') }}

),

rounded as (

    select
        category,
        other_category,
        common_stores,
        round(internal_agreement, 6) as internal_agreement,
        round(external_agreement, 6) as external_agreement,
        round(final_agreement, 6) as final_agreement
    from compared_categories

)

select * from rounded
order by category, other_category
