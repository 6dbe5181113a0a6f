with

feature_values as (

    select
        coalesce(category, 'all categories') as category,
        block,
        feature,
        value
    from {{ ref('store_feature_values') }}

),

published_distributions as (

    select * from {{ source('published', 'feature_distributions') }}

),

published_drift as (

    select * from {{ source('published', 'feature_drift') }}

),

run_fingerprint as (

    select * from {{ ref('run_fingerprint') }}

),

feature_words as (

    select * from {{ ref('feature_words') }}

),

of_other_input as (

    select published_distributions.*
    from published_distributions
    inner join run_fingerprint
        on published_distributions.run_id <> run_fingerprint.run_id

),

edges as (

    select
        category,
        block,
        feature,
        list(upper_edge order by bin) filter (upper_edge is not null) as upper_edges,
        any_value(run_id) as previous_run_id
    from of_other_input
    group by category, block, feature

),

-- the values of this run, in the bins of the one before
counted as (

    {{ count_in_bins('feature_values', 'edges') }}

),

shared as (

    select
        *,
        store_count / sum(store_count) over (
            partition by category, block, feature
        ) as store_share
    from counted

),

-- an empty bin counts as one of ten thousand stores: there is no logarithm of nothing
paired as (

    select
        of_other_input.category,
        of_other_input.block,
        of_other_input.feature,
        of_other_input.bin,
        greatest(of_other_input.store_share, 0.0001) as share_before,
        greatest(coalesce(shared.store_share, 0), 0.0001) as share_now
    from of_other_input
    left join shared
        on
            of_other_input.category = shared.category
            and of_other_input.block = shared.block
            and of_other_input.feature = shared.feature
            and of_other_input.bin = shared.bin

),

summed as (

    select
        category,
        block,
        feature,
        sum(
            (share_now - share_before) * ln(share_now / share_before) order by bin
        ) as psi
    from paired
    group by category, block, feature

),

features_now as (

    select distinct
        category,
        block,
        feature
    from feature_values

),

compared as (

    select
        coalesce(features_now.category, edges.category) as category,
        coalesce(features_now.block, edges.block) as block,
        coalesce(features_now.feature, edges.feature) as feature,
        case
            when features_now.feature is not null then round(summed.psi, 6)
        end as psi,
        case
            when edges.feature is null then 'new'
            when features_now.feature is null then 'gone'
            when summed.psi < 0.1 then 'stable'
            when summed.psi < 0.25 then 'moved'
            else 'shifted'
        end as band,
        edges.previous_run_id
    from features_now
    full outer join edges
        on
            features_now.category = edges.category
            and features_now.block = edges.block
            and features_now.feature = edges.feature
    left join summed
        on
            features_now.category = summed.category
            and features_now.block = summed.block
            and features_now.feature = summed.feature

),

stamped as (

    select
        compared.*,
        run_fingerprint.run_id
    from compared
    cross join run_fingerprint
    where exists (select 1 from of_other_input)

),

-- the same run again is compared with what it was compared with before
of_the_run_before as (

    select published_drift.*
    from published_drift
    inner join run_fingerprint
        on published_drift.run_id = run_fingerprint.run_id
    where not exists (select 1 from of_other_input)

),

united as (

    select * from stamped
    union all by name
    select * from of_the_run_before

),

labelled as (

    select
        united.category,
        united.block,
        united.feature,
        united.psi,
        united.band,
        united.previous_run_id,
        united.run_id,
        coalesce(feature_words.label, united.feature) as label
    from united
    left join feature_words
        on
            united.category = feature_words.category
            and united.block = feature_words.block
            and united.feature = feature_words.feature

)

select * from labelled
order by category, block, feature
