with

effective_corrections as (

    select * from {{ ref('effective_corrections') }}

),

final_clusters as (

    select * from {{ ref('final_clusters') }}

),

cluster_names as (

    select * from {{ ref('cluster_names') }}

),

k_selection as (

    select
        scopes.scope,
        candidates.*
    from {{ ref('k_selection') }} as candidates
    inner join {{ ref('external_scopes') }} as scopes
        on candidates.category = scopes.category

),

final_cluster_candidates as (

    select * from {{ ref('final_cluster_candidates') }}

),

fixed_k as (

    select
        case when side = 'external' then scope else category end as category,
        side,
        max(k) filter (is_chosen and is_fixed) as k,
        max(k) filter (is_recommended) as recommended_k,
        max(fitted_stores) as fitted_stores
    from k_selection
    group by all
    union all
    select
        category,
        'final' as side,
        max(clusters) filter (is_chosen and is_fixed) as k,
        max(clusters) filter (is_recommended) as recommended_k,
        max(largest_cluster) as fitted_stores
    from final_cluster_candidates
    group by category

),

joined as (

    select
        effective_corrections.*,
        final_clusters.cluster_id as final_cluster,
        cluster_names.method_name,
        fixed_k.k,
        fixed_k.recommended_k,
        fixed_k.fitted_stores
    from effective_corrections
    left join final_clusters
        on
            effective_corrections.store_id = final_clusters.store_id
            and effective_corrections.category = final_clusters.category
    left join cluster_names
        on
            effective_corrections.category = cluster_names.category
            and effective_corrections.cluster_id = cluster_names.cluster_id
    left join fixed_k
        on
            effective_corrections.category = fixed_k.category
            and effective_corrections.side = fixed_k.side
            and effective_corrections.action = 'fix_k'

),

-- what only the result tells: a cluster that other corrections emptied, a k that the
-- stores do not allow
looked_again as (

    select
        * replace (coalesce(
            problem,
            case
                when action = 'fix_k' and fitted_stores is null
                    then printf(
                        'there is no category %s on the %s side', category, side
                    )
                when action = 'fix_k' and k is null
                    then printf(
                        'the %d stores that shape %s do not make %s %s clusters',
                        fitted_stores, category, value, side
                    )
                when
                    action in ('name', 'inactive', 'flagship')
                    and method_name is null
                    then printf(
                        'other corrections leave no store in cluster %d of %s',
                        cluster_id, category
                    )
            end
        ) as problem)
    from joined

),

judged as (

    select
        * replace (case
            when state = 'expired' then state
            when problem is not null then 'stale'
            when action in ('move', 'lock') and target_cluster = uncorrected_cluster
                then 'no effect needed'
            when action = 'name' and value = method_name then 'no effect needed'
            when action = 'fix_k' and k = recommended_k then 'no effect needed'
            else 'applied'
        end as state)
    from looked_again

),

worded as (

    select
        seed,
        seed_line,
        action,
        category,
        store_id,
        side,
        cluster_id,
        value,
        state,
        case
            when state = 'expired'
                then printf(
                    'does nothing since %s: renew or remove the row',
                    cast(expires_on + 1 as varchar)
                )
            when state = 'stale'
                then problem || ': does nothing; correct or remove the row'
            when action = 'exclude'
                then printf(
                    'store %s shapes no cluster of %s, and is in cluster %d',
                    store_id, category, final_cluster
                )
            when action = 'fix_k'
                then printf(
                    'the %s side of %s has k = %d; recommended is %s',
                    side,
                    category,
                    k,
                    case
                        when k = recommended_k then 'the same'
                        else cast(recommended_k as varchar)
                    end
                )
            when action in ('move', 'lock')
                then printf(
                    'store %s is %s cluster %d of %s; the method gives %s',
                    store_id,
                    case action when 'move' then 'moved to' else 'held in' end,
                    final_cluster,
                    category,
                    case
                        when target_cluster = uncorrected_cluster then 'the same'
                        else 'cluster ' || uncorrected_cluster
                    end
                )
            when action = 'merge'
                then printf(
                    'cluster %d of %s is a part of cluster %d',
                    cluster_id, category, target_cluster
                )
            when action = 'name'
                then printf(
                    'cluster %d of %s is called %s; the method calls it %s',
                    cluster_id, category, value, method_name
                )
            else
                printf('cluster %d of %s is marked %s', cluster_id, category, action)
        end as outcome,
        reason,
        author,
        expires_on
    from judged

)

select * from worded
order by seed, seed_line
