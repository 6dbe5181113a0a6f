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
            problem_code,
            case
                when action = 'fix_k' and fitted_stores is null then 'unknown_scope'
                when action = 'fix_k' and k is null then 'too_few_stores'
                when
                    action in ('name', 'inactive', 'flagship')
                    and method_name is null
                    then 'emptied'
            end
        ) as problem_code)
    from joined

),

judged as (

    select
        * replace (case
            when state = 'expired' then state
            when problem_code is not null then 'stale'
            when action in ('move', 'lock') and target_cluster = matched_cluster
                then 'no effect needed'
            when action = 'name' and value = method_name then 'no effect needed'
            when action = 'fix_k' and k = recommended_k then 'no effect needed'
            else 'applied'
        end as state)
    from looked_again

),

coded as (

    select
        *,
        state = 'no effect needed' as is_as_method,
        case
            when state = 'expired' then 'expired'
            when state = 'stale' then problem_code
            when action = 'exclude' then 'excluded'
            when action = 'fix_k' and is_as_method then 'fixed_as_recommended'
            when action = 'fix_k' then 'fixed'
            when action = 'move' and is_as_method then 'moved_as_method'
            when action = 'move' then 'moved'
            when action = 'lock' and is_as_method then 'held_as_method'
            when action = 'lock' then 'held'
            when action = 'merge' then 'merged'
            when action = 'name' then 'named'
            else 'marked'
        end as outcome_code
    from judged

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
        outcome_code,
        words.outcome(
            outcome_code,
            store := store_id,
            category := category,
            final_cluster := final_cluster,
            side := side,
            k := k,
            recommended_k := recommended_k,
            method_cluster := matched_cluster,
            cluster := cluster_id,
            target := target_cluster,
            value := value,
            method_name := method_name,
            action := action,
            expired_on := cast(expires_on + 1 as varchar),
            known_categories := known_categories,
            known_clusters := known_clusters,
            fitted_stores := fitted_stores
        ) as outcome,
        reason,
        author,
        expires_on
    from coded

)

select * from worded
order by seed, seed_line
