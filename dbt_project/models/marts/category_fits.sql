with

fitted_sales as (

    select * from {{ ref('fitted_sales') }}

),

run_fingerprint as (

    select * from {{ ref('run_fingerprint') }}

),

published_fits as (

    select * from {{ source('published', 'category_fits') }}

),

fits as (

    select distinct
        category,
        fit_id,
        last_period,
        is_held,
        reason_code,
        drift,
        drift_bound,
        changed_stores
    from fitted_sales

),

joined as (

    select
        fits.category,
        fits.fit_id,
        coalesce(published_fits.fitted_run_id, run_fingerprint.run_id)
            as fitted_run_id,
        cast(fits.last_period as date) as fitted_until,
        fits.is_held,
        fits.reason_code,
        round(fits.drift, 9) as drift,
        round(fits.drift_bound, 9) as drift_bound,
        round(fits.changed_stores, 9) as changed_stores,
        run_fingerprint.run_id
    from fits
    cross join run_fingerprint
    left join published_fits
        on
            fits.category = published_fits.category
            and fits.fit_id = published_fits.fit_id

)

select * from joined
order by category
