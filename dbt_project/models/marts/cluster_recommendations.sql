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
        {{ readable_figure('cluster_measures.here', 'feature_words.unit') }}
            as here_text,
        {{ readable_figure('cluster_measures.average', 'feature_words.unit') }}
            as average_text
    from {{ ref('cluster_measures') }} as cluster_measures
    left join feature_words
        on
            cluster_measures.category = feature_words.category
            and cluster_measures.feature = feature_words.feature
            and feature_words.block
            = case
                when contains(cluster_measures.measure, 'need_state') then 'internal'
                else 'external'
            end
    left join representatives
        on
            cluster_measures.category = representatives.category
            and cluster_measures.cluster_id = representatives.cluster_id
            and cluster_measures.feature = representatives.feature
            and feature_words.block = representatives.block

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

-- no area says two things about one feature, or about two that say the same
said_once as (

    select * from trusted
    qualify row_number() over (
        partition by category, cluster_id, area, coalesce(representative, feature, rule)
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

worded as (

    select
        *,
        case measure
            when 'need_state_index' then printf('index %.0f', value)
            when 'need_state_points' then printf('%+.1f points of sales', value)
            when 'external_difference' then printf('%+.1f standard deviations', value)
            when 'sales_index' then printf('%.0f %% of the average', value)
            when 'stability' then printf('Jaccard similarity %.2f', value)
            else replace(measure, '_', ' ') || ' ' || {{ readable_share('value') }}
        end as evidence
    from ranked

),

named as (

    select
        worded.category,
        worded.cluster_id,
        cluster_summary.cluster_name,
        cast(worded.place as integer) as place,
        worded.area,
        worded.rule,
        worded.priority,
        worded.feature,
        {{ fill_in('worded.recommendation', {
            '{feature}': "coalesce(worded.noun, 'the category')",
            '{here}': 'worded.here_text',
            '{average}': "coalesce(worded.average_text, 'unknown')",
            '{nearest}': "coalesce(nearest.cluster_name, 'none')",
        }) }} as recommendation,
        worded.evidence,
        cluster_summary.store_count,
        cluster_summary.sales_share
    from worded
    inner join cluster_summary
        on
            worded.category = cluster_summary.category
            and worded.cluster_id = cluster_summary.cluster_id
    left join cluster_summary as nearest
        on
            worded.category = nearest.category
            and cluster_summary.nearest_cluster = nearest.cluster_id

)

select * from named
order by category, cluster_id, place
