-- Roles of which fewer sessions are proven than in the 30 days before: somebody's calls go to a
-- trail that is not read, or are hidden.
-- grain: one row per role whose proven share fell
-- reads: sessions
-- $since (inclusive), $until (exclusive) of the sessions' begin; $fall, in percentage points.
-- Optional: $role (ARN, name or glob), $account. Roles with fewer than five sessions in either
-- time are left out.
with counted as (
    select
        role_arn,
        max(account_id) as account_id,
        count(*) filter (where started_at >= $since) as sessions,
        count(*) filter (where started_at >= $since and evidence in ('direct', 'proven'))
            as proven,
        count(*) filter (where started_at < $since) as sessions_before,
        count(*) filter (where started_at < $since and evidence in ('direct', 'proven'))
            as proven_before
    from sessions
    where
        role_arn is not null
        and started_at >= $since - interval 30 days
        and started_at < $until
    group by role_arn
)

select
    *,
    100.0 * proven / sessions as percent,
    100.0 * proven_before / sessions_before as percent_before
from counted
where
    sessions >= 5
    and sessions_before >= 5
    and 100.0 * proven_before / sessions_before - 100.0 * proven / sessions >= $fall
    and (
        $role is null
        or lower(role_arn) glob lower($role)
        or lower(regexp_extract(role_arn, '[^/:]*$')) glob lower($role)
    )
    and ($account is null or account_id = $account)
order by percent_before - percent desc, role_arn
