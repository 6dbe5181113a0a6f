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

feature_words as (

    select * from {{ ref('feature_words') }}

),

-- of features that say the same, only one is said
speaking as (

    select * from {{ ref('feature_representatives') }}
    where feature = representative

),

feature_means as (

    select feature_means.*
    from {{ ref('cluster_feature_means') }} as feature_means
    inner join speaking
        on
            feature_means.category = speaking.category
            and feature_means.cluster_id = speaking.cluster_id
            and feature_means.block = speaking.block
            and feature_means.feature = speaking.feature
    where feature_means.category_deviation > 0

),

compared as (

    select
        store_clusters.store_id,
        store_clusters.category,
        store_clusters.cluster_id,
        feature_means.block,
        feature_means.feature,
        feature_means.column_name,
        feature_values.value as store_value,
        feature_means.cluster_mean,
        feature_means.category_mean,
        feature_means.level is not null and feature_values.value < 0.5 as is_absent,
        words.pull(
            feature_values.value,
            feature_means.category_mean,
            feature_means.category_deviation,
            feature_means.standard_difference
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

-- of the levels of one column, the one that the store has says most
said_once as (

    select * from compared
    where pull > 0
    qualify row_number() over (
        partition by store_id, category, block, column_name
        order by is_absent asc, pull desc, feature asc
    ) = 1

),

-- enough to choose from, where figures of some turn out the same in print
strongest as (

    select * from said_once
    where
        block = 'external'
        or round(store_value, 3) <> round(category_mean, 3)
    qualify row_number() over (
        partition by store_id, category
        order by pull desc, block desc, feature asc
    ) <= 6

),

worded as (

    select
        strongest.*,
        feature_words.level,
        feature_words.kind as reason_code,
        words.store_reason(
            feature_words.kind,
            noun := feature_words.noun,
            store := words.value_in(strongest.store_value, feature_words.unit),
            average := words.value_in(strongest.category_mean, feature_words.unit),
            phrase := case
                when strongest.is_absent then feature_words.phrase_low
                else feature_words.phrase_high
            end,
            cluster_share := abs(
                strongest.cluster_mean - cast(strongest.is_absent as integer)
            ),
            category_share := abs(
                strongest.category_mean - cast(strongest.is_absent as integer)
            )
        ) as reason
    from strongest
    inner join feature_words
        on
            strongest.category = feature_words.category
            and strongest.block = feature_words.block
            and strongest.feature = feature_words.feature

),

ranked as (

    select
        *,
        row_number() over (
            partition by store_id, category
            order by pull desc, block desc, feature asc
        ) as reason_rank
    from worded
    where words.figures_differ(reason)
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
        column_name,
        level,
        round(store_value, 6) as store_value,
        round(cluster_mean, 6) as cluster_mean,
        round(category_mean, 6) as category_mean,
        reason_code,
        reason
    from ranked

)

select * from selected
order by category, store_id, reason_rank
