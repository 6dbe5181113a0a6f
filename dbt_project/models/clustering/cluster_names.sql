with

by_method as (

    select * from {{ ref('method_names') }}

),

by_person as (

    select
        category,
        cluster_id,
        value as given_name
    from {{ ref('effective_corrections') }}
    where action = 'name' and state = 'in force'

),

-- a name that a person gave to one cluster is no other's
named as (

    select
        by_method.category,
        by_method.cluster_id,
        coalesce(
            by_person.given_name,
            case
                when taken.given_name is not null
                    then by_method.method_name || ' (' || by_method.cluster_id || ')'
            end,
            by_method.method_name
        ) as cluster_name,
        by_method.method_name,
        case
            when by_person.given_name is null then 'method' else 'person'
        end as name_source
    from by_method
    left join by_person
        on
            by_method.category = by_person.category
            and by_method.cluster_id = by_person.cluster_id
    left join by_person as taken
        on
            by_method.category = taken.category
            and by_method.method_name = taken.given_name

)

select * from named
