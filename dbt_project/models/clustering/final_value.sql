with

store_coverage as (

    select * from {{ ref('store_coverage') }}

),

own_coverage as (

    select * from {{ ref('own_coverage') }}

),

demand_periods as (

    select * from {{ ref('demand_periods') }}

),

range_sizes as (

    select * from {{ ref('range_sizes') }}

),

choices as (

    select distinct
        category,
        basis,
        clusters
    from {{ ref('cluster_tree') }}

),

-- every store weighs the same, whatever it sells
shared as (

    select
        store_coverage.*,
        own_coverage.own_sales,
        cast(
            store_coverage.covered_sales / store_coverage.later_sales as double
        ) as covered_share,
        cast(
            own_coverage.own_sales / store_coverage.later_sales as double
        ) as own_share
    from store_coverage
    inner join own_coverage
        on
            store_coverage.store_id = own_coverage.store_id
            and store_coverage.category = own_coverage.category

),

averaged as (

    select
        category,
        basis,
        clusters,
        avg(covered_share order by store_id) as covered_share
    from shared
    group by category, basis, clusters

),

best as (

    select
        category,
        basis,
        clusters as best_clusters
    from averaged
    qualify
        row_number() over (
            partition by category, basis
            order by covered_share desc, clusters asc
        ) = 1

),

joined_best as (

    select
        shared.*,
        best.best_clusters
    from shared
    inner join best
        on
            shared.category = best.category
            and shared.basis = best.basis

),

compared as (

    select
        *,
        max(covered_share) filter (clusters = 1) over store as one_range_share,
        max(covered_sales) filter (clusters = 1) over store as one_range_sales,
        max(covered_share) filter (clusters = best_clusters) over store
            as best_share
    from joined_best
    window store as (partition by store_id, category, basis)

),

measured as (

    select
        category,
        basis,
        clusters,
        count(*) as measured_stores,
        sum(later_sales) as later_sales,
        avg(covered_share order by store_id) as covered_share,
        avg(one_range_share order by store_id) as one_range_share,
        avg(own_share order by store_id) as own_range_share,
        avg(covered_share - one_range_share order by store_id) as gain,
        {{ standard_error('covered_share - one_range_share') }} as gain_error,
        avg(best_share - covered_share order by store_id) as loss,
        {{ standard_error('best_share - covered_share') }} as loss_error,
        sum(covered_sales) / sum(later_sales) as covered_sales_share,
        sum(one_range_sales) / sum(later_sales) as one_range_sales_share,
        sum(own_sales) / sum(later_sales) as own_range_sales_share,
        sum(covered_sales) - sum(one_range_sales) as gain_sales
    from compared
    group by category, basis, clusters

),

chosen as (

    select
        *,
        clusters = min(clusters) filter (loss <= coalesce(loss_error, 0)) over (
            partition by category, basis
        ) as is_smallest_within_one_se
    from measured

),

joined as (

    select
        choices.category,
        choices.basis,
        choices.clusters,
        case
            when chosen.category is null then 'needs_periods'
            else 'measured'
        end as value_code,
        demand_periods.measured_from,
        cast(range_sizes.range_skus as integer) as range_skus,
        chosen.measured_stores,
        cast(chosen.later_sales as decimal(38, 2)) as later_sales,
        round(chosen.one_range_share, 6) as one_range_share,
        round(chosen.covered_share, 6) as covered_share,
        round(chosen.own_range_share, 6) as own_range_share,
        round(chosen.gain, 6) as gain,
        round(chosen.gain_error, 6) as gain_error,
        round(chosen.gain - 1.96 * chosen.gain_error, 6) as gain_low,
        round(chosen.gain + 1.96 * chosen.gain_error, 6) as gain_high,
        round(chosen.one_range_sales_share, 6) as one_range_sales_share,
        round(chosen.covered_sales_share, 6) as covered_sales_share,
        round(chosen.own_range_sales_share, 6) as own_range_sales_share,
        cast(chosen.gain_sales as decimal(38, 2)) as gain_sales,
        coalesce(chosen.is_smallest_within_one_se, false)
            as is_smallest_within_one_se
    from choices
    left join demand_periods
        on choices.category = demand_periods.category
    left join range_sizes
        on choices.category = range_sizes.category
    left join chosen
        on
            choices.category = chosen.category
            and choices.basis = chosen.basis
            and choices.clusters = chosen.clusters

)

select * from joined
