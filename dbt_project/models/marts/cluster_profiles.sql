with

feature_means as (

    select * from {{ ref('cluster_feature_means') }}

),

cluster_names as (

    select * from {{ ref('cluster_names') }}

),

feature_words as (

    select * from {{ ref('feature_words') }}

),

worded as (

    select
        feature_means.*,
        feature_words.label,
        feature_words.unit,
        case
            when feature_means.index_value is not null
                then printf('%.0f', feature_means.index_value)
            else case
                when feature_means.cluster_mean > feature_means.category_mean then '+'
                else ''
            end || words.value_in(
                feature_means.cluster_mean - feature_means.category_mean,
                feature_words.unit
            )
        end as figure,
        words.comparison(
            feature_words.kind,
            noun := feature_words.noun,
            cluster := words.value_in(feature_means.cluster_mean, feature_words.unit),
            average := words.value_in(feature_means.category_mean, feature_words.unit)
        ) as comparison,
        -- a fifth of a standard deviation: what Cohen (1988) calls a small difference
        case
            when feature_means.standard_difference <= -0.2
                then feature_words.lower_is_better
            when feature_means.standard_difference >= 0.2
                then not feature_words.lower_is_better
        end as is_better
    from feature_means
    inner join feature_words
        on
            feature_means.category = feature_words.category
            and feature_means.block = feature_words.block
            and feature_means.feature = feature_words.feature

),

named as (

    select
        worded.category,
        cast(worded.cluster_id as integer) as cluster_id,
        cluster_names.cluster_name,
        worded.block,
        worded.feature,
        worded.column_name,
        worded.level,
        worded.label,
        worded.unit,
        worded.cluster_mean,
        worded.category_mean,
        worded.index_value,
        worded.standard_difference,
        cast(worded.distinctiveness_rank as integer) as distinctiveness_rank,
        worded.figure,
        case when words.figures_differ(worded.comparison) then worded.comparison end
            as comparison,
        worded.is_better
    from worded
    inner join cluster_names
        on
            worded.category = cluster_names.category
            and worded.cluster_id = cluster_names.cluster_id

)

select * from named
order by category, cluster_id, block, distinctiveness_rank
