with

feature_means as (

    select * from {{ ref('cluster_feature_means') }}

),

clusters as (

    select distinct
        category,
        cluster_id
    from {{ ref('final_clusters') }}

),

-- what sets the cluster apart clearly enough to be said: more of a need state, more or
-- less of a number, more stores of a kind
telling as (

    select
        category,
        cluster_id,
        block,
        case
            when block = 'internal' then feature
            when contains(feature, ' = ') then replace(feature, ' = ', ' ')
            when standard_difference > 0 then 'high ' || feature
            else 'low ' || feature
        end as phrase,
        row_number() over (
            partition by category, cluster_id, block
            order by abs(standard_difference) desc, feature asc
        ) as place
    from feature_means
    where
        (block = 'internal' and standard_difference >= 0.2)
        or (block = 'external' and standard_difference >= 0.4)
        or (
            block = 'external'
            and standard_difference <= -0.4
            and not contains(feature, ' = ')
        )

),

phrased as (

    select
        category,
        cluster_id,
        {{ readable_name('phrase') }} as phrase,
        block,
        place
    from telling

),

phrases as (

    select
        clusters.category,
        clusters.cluster_id,
        max(phrased.phrase) filter (
            phrased.block = 'internal' and phrased.place = 1
        ) as need_state,
        max(phrased.phrase) filter (
            phrased.block = 'external' and phrased.place = 1
        ) as surroundings,
        max(phrased.phrase) filter (
            phrased.block = 'internal' and phrased.place = 2
        ) as other_need_state,
        max(phrased.phrase) filter (
            phrased.block = 'external' and phrased.place = 2
        ) as other_surroundings
    from clusters
    left join phrased
        on
            clusters.category = phrased.category
            and clusters.cluster_id = phrased.cluster_id
    group by clusters.category, clusters.cluster_id

),

-- each longer than the one before; a cluster gets the first that no other one has
proposed as (

    select
        category,
        cluster_id,
        coalesce(nullif(concat_ws(', ', need_state, surroundings), ''), 'all kinds')
            as short_name,
        concat_ws(', ', need_state, other_need_state, surroundings) as longer_name,
        concat_ws(
            ', ', need_state, other_need_state, surroundings, other_surroundings
        ) as longest_name
    from phrases

),

counted as (

    select
        *,
        count(*) over (partition by category, short_name) as same_short,
        count(*) over (partition by category, longer_name) as same_longer,
        count(*) over (partition by category, longest_name) as same_longest
    from proposed

),

by_method as (

    select
        category,
        cluster_id,
        case
            when same_short = 1 then short_name
            when same_longer = 1 then longer_name
            when same_longest = 1 then longest_name
            else short_name || ' (' || cluster_id || ')'
        end as method_name
    from counted

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
