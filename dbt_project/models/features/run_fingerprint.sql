with

shares as (

    select
        bit_xor(hash(store_id, category, need_state, sales, odd_sales))
            as fingerprint
    from {{ ref('store_need_state_shares') }}

),

external_features as (

    select bit_xor(hash(store_id, category, feature, value, level)) as fingerprint
    from {{ ref('store_external_features') }}

),

eligibility as (

    select bit_xor(hash(store_id, category, reason)) as fingerprint
    from {{ ref('store_eligibility') }}

),

split_values as (

    select bit_xor(hash(store_id, category, feature, split_value)) as fingerprint
    from {{ ref('store_split_values') }}

),

corrections as (

    select
        bit_xor(hash(action, store_id, category, side, cluster_id, value))
            as fingerprint
    from {{ ref('int_corrections') }}
    where not is_expired

),

hashed as (

    select
        md5(concat_ws(
            '|',
            shares.fingerprint,
            external_features.fingerprint,
            eligibility.fingerprint,
            split_values.fingerprint,
            corrections.fingerprint,
            {{ quoted(model_settings()) }}
        )) as run_id
    from shares
    cross join external_features
    cross join eligibility
    cross join split_values
    cross join corrections

)

select * from hashed
