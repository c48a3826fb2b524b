-- Which access keys made the call that IAM's credential report names as the last use of a key of
-- the same user: same region and service, within the 15 minutes of which IAM notes the first.
-- grain: one row per key of the credential report and access key of the lake
-- reads: credential_report_keys, events
select
    r.account_id,
    r.user_name,
    r.key_number,
    e.user_access_key_id as access_key_id,
    count(*) as events
from credential_report_keys as r
inner join events as e
    on
        r.account_id = e.user_account_id
        and r.user_name = if(
            e.user_type = 'Root', 'root', coalesce(e.user_name, split_part(e.user_arn, '/', -1))
        )
        and e.event_time between r.last_used_at - interval 1 minute
        and r.last_used_at + interval 15 minutes
        and r.region = e.aws_region
        and r.service || '.amazonaws.com' = e.event_source
where
    e.user_access_key_id like 'AKIA%'
    and e.user_type in ('IAMUser', 'Root')
group by all
order by r.account_id, r.user_name, r.key_number, access_key_id
