with

joint_components as (

    select * from {{ ref('joint_components') }}

),

categories as (

    select distinct category
    from {{ ref('effective_corrections') }}
    where action in ('move', 'lock', 'merge') and state = 'in force'

),

of_corrected_categories as (

    select
        joint_components.store_id,
        joint_components.category,
        joint_components.internal_cluster,
        joint_components.external_cluster,
        joint_components.internal_components,
        joint_components.external_components
    from joint_components
    inner join categories
        on joint_components.category = categories.category

)

select * from of_corrected_categories
