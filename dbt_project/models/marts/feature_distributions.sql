with

feature_values as (

    select
        coalesce(category, 'all categories') as category,
        block,
        feature,
        column_name,
        level,
        value
    from {{ ref('store_feature_values') }}

),

run_fingerprint as (

    select * from {{ ref('run_fingerprint') }}

),

edges as (

    select
        category,
        block,
        feature,
        any_value(column_name) as column_name,
        any_value(level) as level,
        list_sort(list_distinct(quantile_disc(
            value, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
        ))) as upper_edges,
        count(*) as feature_stores
    from feature_values
    group by category, block, feature

),

bins as (

    select
        category,
        block,
        feature,
        column_name,
        level,
        feature_stores,
        unnest(range(1, len(upper_edges) + 2)) as bin,
        unnest(list_append(upper_edges, null)) as upper_edge
    from edges

),

counted as (

    {{ count_in_bins('feature_values', 'edges') }}

),

shared as (

    select
        bins.category,
        bins.block,
        bins.feature,
        bins.column_name,
        bins.level,
        cast(bins.bin as integer) as bin,
        bins.upper_edge,
        coalesce(counted.store_count, 0) as store_count,
        coalesce(counted.store_count, 0) / bins.feature_stores as store_share,
        run_fingerprint.run_id
    from bins
    left join counted
        on
            bins.category = counted.category
            and bins.block = counted.block
            and bins.feature = counted.feature
            and bins.bin = counted.bin
    cross join run_fingerprint

)

select * from shared
order by category, block, feature, bin
