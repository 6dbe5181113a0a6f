with

rules as (

    select * from {{ ref('recommendation_rules') }}

),

feature_words as (

    select * from {{ ref('feature_words') }}

),

representatives as (

    select * from {{ ref('feature_representatives') }}

),

measures as (

    select
        cluster_measures.*,
        feature_words.noun,
        representatives.representative,
        words.value_in(cluster_measures.here, cluster_measures.unit) as here_text,
        words.value_in(cluster_measures.average, cluster_measures.unit)
            as average_text
    from {{ ref('cluster_measures') }} as cluster_measures
    left join feature_words
        on
            cluster_measures.category = feature_words.category
            and cluster_measures.feature = feature_words.feature
            and cluster_measures.block = feature_words.block
    left join representatives
        on
            cluster_measures.category = representatives.category
            and cluster_measures.cluster_id = representatives.cluster_id
            and cluster_measures.feature = representatives.feature
            and cluster_measures.block = representatives.block

),

cluster_summary as (

    select * from {{ ref('cluster_summary') }}

),

met as (

    select
        rules.rule,
        rules.area,
        rules.priority,
        rules.recommendation,
        measures.*
    from measures
    inner join rules
        on
            measures.measure = rules.measure
            and coalesce(lower(measures.feature), '') like coalesce(rules.feature, '%')
            and coalesce(measures.weight, 0) >= coalesce(rules.min_weight, 0)
    where
        case rules.comparison
            when 'at_least' then measures.value >= rules.threshold
            when 'at_most' then measures.value <= rules.threshold
            when 'above' then measures.value > rules.threshold
            when 'below' then measures.value < rules.threshold
        end
        and (
            measures.feature is null
            or measures.here_text is distinct from measures.average_text
        )
    qualify row_number() over (
        partition by measures.category, measures.cluster_id, rules.rule
        order by measures.distinctiveness desc, measures.feature asc
    ) <= rules.max_features

),

-- nothing is built on a cluster that is not to be trusted
trusted as (

    select * from met
    qualify
        area = 'trust'
        or not bool_or(area = 'trust') over (partition by category, cluster_id)

),

-- one thing is said about a feature, or about several that say the same
said_once as (

    select * from trusted
    qualify row_number() over (
        partition by category, cluster_id, coalesce(representative, feature, rule)
        order by priority asc, distinctiveness desc, rule asc, feature asc
    ) = 1

),

ranked as (

    select
        *,
        row_number() over (
            partition by category, cluster_id
            order by
                priority asc, distinctiveness desc nulls last, rule asc, feature asc
        ) as place
    from said_once
    qualify place <= {{ var('max_recommendations') }}

),

named as (

    select
        ranked.category,
        ranked.cluster_id,
        cluster_summary.cluster_name,
        cast(ranked.place as integer) as place,
        ranked.area,
        ranked.rule,
        ranked.priority,
        ranked.feature,
        words.recommendation(
            ranked.recommendation,
            feature := ranked.noun,
            here := ranked.here_text,
            average := ranked.average_text,
            nearest := nearest.cluster_name
        ) as recommendation,
        words.evidence(ranked.measure, value := ranked.value) as evidence,
        cluster_summary.store_count,
        cluster_summary.sales_share
    from ranked
    inner join cluster_summary
        on
            ranked.category = cluster_summary.category
            and ranked.cluster_id = cluster_summary.cluster_id
    left join cluster_summary as nearest
        on
            ranked.category = nearest.category
            and cluster_summary.nearest_cluster = nearest.cluster_id

)

select * from named
order by category, cluster_id, place
