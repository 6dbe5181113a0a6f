with

store_clusters as (

    select
        store_id,
        category,
        cluster_id
    from {{ ref('store_clusters') }}

),

feature_values as (

    select * from {{ ref('store_feature_values') }}

),

feature_means as (

    select * from {{ ref('cluster_feature_means') }}
    where category_deviation > 0

),

feature_words as (

    select * from {{ ref('feature_words') }}

),

-- of features that say the same, only one is said
speaking as (

    select * from {{ ref('feature_representatives') }}
    where feature = representative

),

-- how much nearer a feature brings the store to its cluster than to the average store:
-- squared distances in standard deviations, one less the other
compared as (

    select
        store_clusters.store_id,
        store_clusters.category,
        store_clusters.cluster_id,
        feature_means.block,
        feature_means.feature,
        feature_values.value as store_value,
        feature_means.cluster_mean,
        feature_means.category_mean,
        round(
            feature_means.standard_difference * (
                2 * (feature_values.value - feature_means.category_mean)
                / feature_means.category_deviation
                - feature_means.standard_difference
            ),
            6
        ) as pull
    from store_clusters
    inner join feature_means
        on
            store_clusters.category = feature_means.category
            and store_clusters.cluster_id = feature_means.cluster_id
    inner join feature_values
        on
            store_clusters.store_id = feature_values.store_id
            and feature_means.feature = feature_values.feature
            and feature_means.block = feature_values.block
            and coalesce(feature_values.category, store_clusters.category)
            = store_clusters.category

),

pulling as (

    select
        compared.*,
        feature_words.noun,
        feature_words.phrase_high,
        feature_words.phrase_low,
        feature_words.unit,
        split_part(compared.feature, ' = ', 1) as input_column,
        contains(compared.feature, ' = ') as is_level,
        compared.store_value < 0.5 as is_absent
    from compared
    inner join speaking
        on
            compared.category = speaking.category
            and compared.cluster_id = speaking.cluster_id
            and compared.block = speaking.block
            and compared.feature = speaking.feature
    inner join feature_words
        on
            compared.category = feature_words.category
            and compared.block = feature_words.block
            and compared.feature = feature_words.feature
    where compared.pull > 0

),

worded as (

    select
        *,
        case
            when is_level then {{ starts_sentence(
                '(case when is_absent then phrase_low else phrase_high end)'
            ) }}
            || ', like '
            || {{ readable_share('abs(cluster_mean - cast(is_absent as integer))') }}
            || ' of the cluster and '
            || {{ readable_share('abs(category_mean - cast(is_absent as integer))') }}
            || ' of all stores'
            else {{ starts_sentence('noun') }} || ': '
            || {{ readable_value('store_value', 'unit') }}
            || case when block = 'internal' then ' of sales, ' else ', ' end
            || {{ readable_value('category_mean', 'unit') }}
            || ' in the average store'
        end as reason
    from pulling

),

-- what the store is says more than what it is not
said_once as (

    select * from worded
    where {{ says_two_figures('reason') }}
    qualify row_number() over (
        partition by store_id, category, block, input_column
        order by is_level and is_absent asc, pull desc, feature asc
    ) = 1

),

ranked as (

    select
        *,
        row_number() over (
            partition by store_id, category
            order by pull desc, block desc, feature asc
        ) as reason_rank
    from said_once
    qualify reason_rank <= 3

),

selected as (

    select
        store_id,
        category,
        cast(cluster_id as integer) as cluster_id,
        cast(reason_rank as integer) as reason_rank,
        block,
        feature,
        round(store_value, 6) as store_value,
        round(cluster_mean, 6) as cluster_mean,
        round(category_mean, 6) as category_mean,
        reason
    from ranked

)

select * from selected
order by category, store_id, reason_rank
