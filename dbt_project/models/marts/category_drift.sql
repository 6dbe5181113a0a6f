with

cluster_migrations as (

    select * from {{ ref('cluster_migrations') }}

),

feature_drift as (

    select * from {{ ref('feature_drift') }}

),

stores as (

    select
        category,
        count(previous_cluster_id) as stores_before,
        count(cluster_id) as stores_now,
        count(*) filter (movement = 'joined') as stores_joined,
        count(*) filter (movement = 'left') as stores_left,
        count(*) filter (movement = 'moved') as stores_moved,
        round(
            count(*) filter (movement = 'stayed')
            / nullif(count(*) filter (movement in ('stayed', 'moved')), 0),
            6
        ) as retention
    from cluster_migrations
    group by category

),

-- what surrounds the stores may have shifted for every category
features as (

    select
        stores.category,
        feature_drift.feature,
        feature_drift.psi,
        feature_drift.band
    from stores
    inner join feature_drift
        on feature_drift.category in (stores.category, 'all categories')

),

shifts as (

    select
        category,
        count(*) filter (band = 'shifted') as features_shifted,
        count(*) filter (band in ('new', 'gone')) as features_changed,
        max(psi) as largest_psi,
        first(feature order by psi desc, feature asc) filter (psi is not null)
            as most_shifted_feature
    from features
    group by category

),

joined as (

    select
        stores.*,
        coalesce(shifts.features_shifted, 0) as features_shifted,
        coalesce(shifts.features_changed, 0) as features_changed,
        shifts.largest_psi,
        shifts.most_shifted_feature
    from stores
    left join shifts
        on stores.category = shifts.category

)

select * from joined
order by category
