-- Which columns of the external tables are features, as SQL macros: for the model
-- external_feature_catalog, and for `clustering validate`, before there is a model.

-- whether the numbers of a column only name a store or a day: ids, postcodes, 20250131
create or replace macro rules.is_identifier(feature, value) as
    bool_and(value = floor(value))
    and (
        regexp_matches(feature, '(?i)(^|[_ ]|zip)(id|key|zip|code|nbr|phone)$')
        or min(value) >= 19000101 and max(value) <= 21001231
        or count(value) >= 10
        and count(distinct value) = count(value)
        and max(value) - min(value) + 1 = count(value)
    );

-- why a column is no feature, as a code; null where it is one
create or replace macro rules.unused_reason(
    feature, is_categorical, is_identifier, distinct_count, excluded, must_keep,
    max_levels
) as
    case
        when feature in ('latitude', 'longitude') then 'coordinate'
        when list_contains(cast(excluded as varchar[]), feature) then 'excluded'
        when distinct_count = 1 then 'constant'
        when
            is_identifier
            and not list_contains(cast(must_keep as varchar[]), feature)
            then 'identifier'
        when is_categorical and distinct_count > max_levels then 'too_many_levels'
    end;
