-- The unique ids under which each role was worn: a role that is deleted and made again under its
-- old name gets a new one.
-- grain: one row per role and unique id
-- reads: sessions
select
    role_arn,
    split_part(principal_id, ':', 1) as role_id,
    min(first_seen) as first_time,
    max(last_seen) as last_time,
    count(*) as sessions
from sessions
where role_arn is not null and starts_with(principal_id, 'AROA')
group by role_arn, split_part(principal_id, ':', 1)
order by role_arn, first_time, role_id
